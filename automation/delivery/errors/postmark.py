"""Faults come with HTTP 422 and a code that says more. A batch has 200, and the same codes by item."""

from datetime import timedelta

from automation.delivery.errors.base import Answers, Item, Row, Shape
from automation.delivery.outcomes import Outcome

_KEY = "Postmark does not know the server token: look at the account's settings."
_SENDER = "Confirm this sender's address or domain at Postmark."

POSTMARK = Answers(
    source="https://postmarkapp.com/developer/api/overview#error-codes",
    shapes=(Shape(code="ErrorCode", text="Message"),),
    item=Item(id="MessageID", fault="ErrorCode"),
    rows=(
        Row(Outcome.ACCOUNT, code="10", do=_KEY),
        Row(Outcome.ACCOUNT, code="300", text="^(invalid|error parsing) 'from'", do=_SENDER),
        Row(Outcome.REJECTED, code="300", text="^(invalid|error parsing) '(to|cc|bcc)'", address_refused=True),
        Row(Outcome.ACCOUNT, code="400|401", do=_SENDER),
        Row(Outcome.ACCOUNT, code="405", do="The plan's mails are used up: buy more at Postmark."),
        Row(Outcome.REJECTED, code="406", address_refused=True),
        Row(Outcome.ACCOUNT, code="412", do="Until Postmark approves the account, it may mail its own domain only."),
        Row(Outcome.ACCOUNT, code="413", do="Postmark has stopped the account: ask its support."),
        Row(
            Outcome.ACCOUNT,
            text="^the 'MessageStream' provided does not exist",
            do="Look at message_stream in the account's settings.",
        ),
        Row(Outcome.THROTTLED, code="429"),
        # Its API is offline. It says so in words of its own, so no proxy has lost an answer.
        Row(Outcome.THROTTLED, status=503, code="100", pause=timedelta(minutes=1)),
    ),
)
