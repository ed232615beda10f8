"""A message that is taken is answered with an empty body; its id is in a header."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

MAILERSEND = Answers(
    source="https://developers.mailersend.com/general.html#validation-errors",
    shapes=(
        Shape("errors.{}.[]"),
        Shape("warnings.[].recipients.[].reason.[]"),
        Shape("warnings.[].recipients.[].reasons.[]"),
        Shape(text="message"),
    ),
    pause_headers=("x-apiquota-reset",),
    rows=(
        Row(Outcome.ACCOUNT, text="#MS42207", do="Verify the sender's domain at MailerSend."),
        Row(Outcome.ACCOUNT, text="#MS42225", do="A trial account may mail few addresses: take a plan at MailerSend."),
        Row(
            Outcome.REJECTED,
            text="^(hard_bounced|spam_complaint|unsubscribed|blocklisted)$",
            address_refused=True,
        ),
        Row(Outcome.REJECTED, text=r"^the to\.0\.email must be a valid email address", address_refused=True),
    ),
)
