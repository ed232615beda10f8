"""Faults of a message stand in its place in the list of messages, faults of the call on top."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_KEY = "Mailjet does not take these keys: look at the account's settings, and whether it has suspended them."
_SENDER = "Validate the sender's address or domain at Mailjet."

MAILJET = Answers(
    source="https://dev.mailjet.com/email/guides/send-api-v31/",
    shapes=(
        Shape("Messages.[].Errors.[]", code="ErrorCode", text="ErrorMessage ErrorRelatedTo"),
        Shape(code="ErrorCode", text="ErrorMessage"),
    ),
    rows=(
        Row(Outcome.ACCOUNT, code="mj-0001|mj-0015", do=_KEY),
        Row(Outcome.ACCOUNT, code="send-000[678]", do=_SENDER),
        Row(Outcome.ACCOUNT, code="mj-0013", text=r'\["From', do="Correct the sender's address."),
        Row(Outcome.REJECTED, code="mj-0013", text=r'\["To\[', address_refused=True),
        Row(Outcome.REJECTED, code=r"(send|mj)-\d+"),
    ),
)
