"""Resend: the ids of what it took, in order, and apart from them the places of what it refused."""

from datetime import datetime
from types import MappingProxyType

from automation.core.json import Json
from automation.delivery.batch.base import BatchApi, Results, unknown
from automation.delivery.errors import classify_item
from automation.delivery.providers import Provider


def _read(answer: Json, mails: int, at: datetime) -> Results:
    match answer:
        case {"data": list(taken)}:
            refused = _refused(answer.get("errors"))
        case _:
            return unknown(mails, "The answer to the batch cannot be read.")
    if len(taken) + len(refused) > mails or not refused <= set(range(mails)):
        return unknown(mails, "The answer to the batch tells of other mails.")
    results = unknown(mails, "The answer to the batch does not mention it.")
    others = (place for place in range(mails) if place not in refused)
    for place, item in zip(others, taken, strict=False):
        results[place] = classify_item(item, provider=Provider.RESEND, status=200, at=at)
    for place in refused:  # With words, but without the error's name, so its own call tells better.
        results[place] = None
    return results


def _refused(errors: Json) -> set[int]:
    """The places of the mails that were not taken."""
    listed = errors if isinstance(errors, list) else []
    return {error["index"] for error in listed if isinstance(error, dict) and isinstance(error.get("index"), int)}


API = BatchApi(
    source="https://resend.com/docs/api-reference/emails/send-batch-emails",
    endpoint="emails/batch",
    most=100,
    read=_read,
    # Else one bad mail refuses all of them.
    headers=MappingProxyType({"x-batch-validation": "permissive"}),
    key_header="Idempotency-Key",
)
