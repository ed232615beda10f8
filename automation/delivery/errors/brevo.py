"""Each fault has a code."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_KEY = "Brevo does not take this key, or not from this machine's IP address: look at its security settings."

BREVO = Answers(
    source="https://developers.brevo.com/docs/how-it-works",
    shapes=(Shape(code="code", text="message"),),
    pause_headers=("x-sib-ratelimit-reset",),
    rows=(
        Row(Outcome.ACCOUNT, code="unauthorized", do=_KEY),
        Row(Outcome.ACCOUNT, code="not_enough_credits", do="The credits are used up: buy more at Brevo."),
        Row(Outcome.ACCOUNT, code="account_under_validation", do="Brevo has not approved the account yet."),
        Row(Outcome.ACCOUNT, code="(reseller_)?permission_denied", do="Ask Brevo to activate transactional mail."),
        Row(
            Outcome.ACCOUNT,
            code="invalid_parameter",
            text="sender .*not valid|valid sender",
            do="Verify the sender or its domain at Brevo.",
        ),
        Row(Outcome.REJECTED, code="invalid_parameter", text="^email is not valid in to", address_refused=True),
        # Another call under this key was there first. What came of it, this answer does not say.
        Row(Outcome.UNKNOWN, code="duplicate_request"),
    ),
)
