"""Faults are known by field and words. A message that is taken is answered with an empty body and an id in a header."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

SENDGRID = Answers(
    source="https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors",
    shapes=(Shape("errors.[]", code="field", text="message"),),
    pause_headers=("X-RateLimit-Reset",),
    proof_header="X-Message-Id",
    rows=(
        Row(Outcome.ACCOUNT, text="^maximum credits exceeded", do="The plan's mails are used up: take a larger one."),
        Row(Outcome.ACCOUNT, text="verified sender identity", do="Verify the sender or its domain at SendGrid."),
        Row(Outcome.ACCOUNT, code=r"from(\.email)?", text="valid address", do="Correct the sender's address."),
        Row(
            Outcome.REJECTED,
            code=r"personalizations\.0\.to\.0\.email",
            text="^does not contain a valid address",
            address_refused=True,
        ),
    ),
)
