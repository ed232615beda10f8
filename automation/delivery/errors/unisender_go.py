"""A refused recipient comes with HTTP 200 and a reason."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

UNISENDER_GO = Answers(
    source="https://godocs.unisender.ru/web-api-ref#email-send",
    shapes=(Shape("failed_emails.{}"), Shape(code="code", text="message")),
    rows=(
        Row(
            Outcome.ACCOUNT,
            text="can not decode key",
            do="Unisender Go does not know this key: look at the account's settings.",
        ),
        Row(
            Outcome.REJECTED,
            text="^(invalid|permanent_unavailable|unsubscribed|complained)$",
            address_refused=True,
        ),
        # For three days, or by the provider's own decision: the address itself may be good.
        Row(Outcome.REJECTED, text="^(temporary_unavailable|blocked)$"),
    ),
)
