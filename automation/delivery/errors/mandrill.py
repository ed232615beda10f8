"""A refused recipient comes with HTTP 200 and a reason, anything else with HTTP 500 and a name."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_SENDER = "Verify the sender's domain at Mandrill, with SPF and DKIM."

MANDRILL = Answers(
    source="https://mailchimp.com/developer/transactional/api/messages/",
    shapes=(Shape(code="name", text="message"), Shape("[]", code="reject_reason")),
    rows=(
        Row(Outcome.ACCOUNT, code="Invalid_Key", do="Mandrill does not know this key: look at the account's settings."),
        Row(Outcome.ACCOUNT, code="PaymentRequired", do="See to the plan or the payment at Mailchimp."),
        Row(
            Outcome.ACCOUNT,
            code="Unknown_Subaccount",
            do="Mandrill knows no such subaccount: look at the account's settings.",
        ),
        Row(Outcome.ACCOUNT, code="unsigned|invalid-sender", do=_SENDER),
        Row(Outcome.ACCOUNT, code="test-mode-limit", do="The test mode's mails are used up: take a real API key."),
        Row(Outcome.REJECTED, code="ValidationError"),
        Row(Outcome.REJECTED, code="rule|soft-bounce"),  # The account's filter, or what may pass. Another mail may go.
    ),
)
