"""Each fault has a name. In a batch that is checked item by item, faults come with their words alone."""

from datetime import timedelta

from automation.delivery.errors.base import Answers, Item, Row, Shape
from automation.delivery.outcomes import Outcome

_KEY = "Resend does not take this API key: look at the account's settings."
_DOMAIN = "Verify the sender's domain at Resend. Until then, mail goes to the account's owner only."

RESEND = Answers(
    source="https://resend.com/docs/api-reference/errors",
    shapes=(Shape(code="name", text="message"),),
    item=Item(id="id", fault="message"),
    pause_headers=("ratelimit-reset",),
    rows=(
        Row(Outcome.ACCOUNT, code="(missing|invalid|restricted)_api_key", do=_KEY),
        Row(Outcome.ACCOUNT, status=403, code="validation_error", do=_DOMAIN),
        Row(Outcome.ACCOUNT, code="invalid_from_address", do="Correct the sender's address."),
        Row(Outcome.ACCOUNT, text="^invalid `from` field", do="Correct the sender's address."),
        Row(Outcome.REJECTED, text="^invalid `to` field", address_refused=True),
        Row(Outcome.ACCOUNT, code="monthly_quota_exceeded", do="The month's mails are used up: take a larger plan."),
        # Of the last 24 hours, and no header says when there is room again.
        Row(Outcome.THROTTLED, code="daily_quota_exceeded", pause=timedelta(hours=1)),
        # The key is taken: by a call that is under way, or by other bytes. Either may have been this message.
        Row(Outcome.UNKNOWN, code="concurrent_idempotent_requests|invalid_idempotent_request"),
    ),
)
