"""Postmark: each mail is checked by itself, and answered at its place by what its own call would have said."""

from datetime import datetime

from automation.core.json import Json
from automation.delivery.batch.base import BatchApi, Results, unknown
from automation.delivery.errors import classify_item
from automation.delivery.providers import Provider


def _read(answer: Json, mails: int, at: datetime) -> Results:
    if not isinstance(answer, list) or len(answer) > mails:
        return unknown(mails, "The answer to the batch cannot be read.")
    told: Results = [classify_item(item, provider=Provider.POSTMARK, status=200, at=at) for item in answer]
    return told + unknown(mails - len(told), "The answer to the batch does not mention it.")


API = BatchApi(
    source="https://postmarkapp.com/developer/api/email-api#send-batch-emails",
    endpoint="email/batch",
    most=500,
    read=_read,
)
