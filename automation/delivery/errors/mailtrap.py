"""Faults are a list of sentences."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

MAILTRAP = Answers(
    source="https://docs.mailtrap.io/developers/email-sending",
    shapes=(Shape("errors.[]"),),
    rows=(
        Row(
            Outcome.ACCOUNT,
            text="^demo domains can only be used",
            do="A demo domain mails the account's owner only: verify a domain of your own at Mailtrap.",
        ),
        Row(Outcome.REJECTED, status=200, text="."),
    ),
)
