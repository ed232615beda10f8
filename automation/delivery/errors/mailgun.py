"""Faults are known by their words alone."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_DOMAIN = "Look at sender_domain in the account's settings, and whether the API URL is that of the domain's region."
_TEST = "A test domain mails authorized recipients only: set up a domain of your own at Mailgun."

MAILGUN = Answers(
    source="https://documentation.mailgun.com/docs/mailgun/api-reference/mg-errors",
    shapes=(Shape(text="message"),),
    pause_headers=("X-RateLimit-Reset",),
    rows=(
        Row(Outcome.ACCOUNT, text="^domain not found|mailgun magnificent api", do=_DOMAIN),
        Row(Outcome.ACCOUNT, text="for test purposes only", do=_TEST),
        Row(Outcome.ACCOUNT, text="is not allowed to send", do="Verify the sender's domain at Mailgun."),
        Row(Outcome.ACCOUNT, text="^'from' parameter is not a valid address", do="Correct the sender's address."),
        Row(Outcome.REJECTED, text="^'to' parameter is not a valid address", address_refused=True),
    ),
)
