"""Reading events as clients write them, whichever way they came: HTTP now, brokers later."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from automation.contacts.read import MAX_EXTERNAL_ID
from automation.core.faults import Fault, Refused
from automation.core.fields import BadValue, Reader, an_object, read_fields, text
from automation.core.json import Json
from automation.core.strict_json import parse_object
from automation.events.ingest import NewEvent
from automation.events.models import RESERVED, RESERVED_PREFIXES

# As sent, white space included. What PostgreSQL keeps compressed in one row without effort, and what SQS carries.
MAX_EVENT_BYTES = 256 * 1024
# A clock may be this far ahead of ours. Further, and it is a mistake in units or zones, not drift.
AHEAD: Final = timedelta(days=1)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)

MAX_EVENT_TYPE = 100  # As the model has it.
REQUIRED = ("event_id", "event_type", "user_id")


def read_event(raw: bytes, *, at: datetime) -> NewEvent:
    """The event that a client wrote as a JSON object. `at` is now. Raises Refused. Pure.

    Whether its type is known and its payload fits the type, is for `ingest` to say.
    """
    if len(raw) > MAX_EVENT_BYTES:
        raise Refused(Fault("", "too_large", f"An event may have {MAX_EVENT_BYTES // 1024} KiB at most."))
    readers: dict[str, Reader] = {**_READERS, "timestamp": partial(_timestamp, latest=at + AHEAD)}
    fields = read_fields(parse_object(raw), readers, required=REQUIRED)
    return NewEvent(
        id=fields["event_id"],
        event_type=fields["event_type"],
        user_id=fields["user_id"],
        occurred_at=fields.get("timestamp"),
        payload=fields.get("payload", {}),
        metadata=fields.get("metadata", {}),
    )


def _event_id(value: Json) -> UUID:
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError as error:
        raise BadValue("bad_uuid", "Expected a UUID, such as 0f8fad5b-d9cb-469f-a165-70867728950e.") from error


def _event_type(value: Json) -> str:
    name = text(value, limit=MAX_EVENT_TYPE)
    if name.startswith(RESERVED_PREFIXES):
        raise BadValue("reserved", RESERVED)
    return name


def _timestamp(value: Json, *, latest: datetime) -> datetime:
    """Milliseconds since 1970, or ISO 8601 with an offset; in UTC."""
    moment = _from_milliseconds(value) if isinstance(value, int) and not isinstance(value, bool) else _from_iso(value)
    if not EARLIEST <= moment <= latest:
        raise BadValue("out_of_range", "Expected a time from the year 2000 to tomorrow. Numbers are milliseconds.")
    return moment.astimezone(UTC)


def _from_milliseconds(value: int) -> datetime:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value)
    except OverflowError as error:
        raise BadValue("out_of_range", "Expected milliseconds since 1970.") from error


def _from_iso(value: Json) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadValue("bad_time", "Expected milliseconds since 1970, or ISO 8601 with an offset.") from error
    if moment.tzinfo is None:
        raise BadValue("no_offset", "Expected an offset, such as Z or +02:00: whose clock is it?")
    return moment


_READERS: Final[dict[str, Reader]] = {
    "event_id": _event_id,
    "event_type": _event_type,
    "user_id": partial(text, limit=MAX_EXTERNAL_ID),
    "payload": an_object,
    "metadata": an_object,
}
