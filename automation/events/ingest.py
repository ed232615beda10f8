"""Taking events in: the one door to the events table, behind HTTP, brokers and the ESPs' feedback."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection

from automation.contacts.foreign import CODE, MESSAGE, foreign
from automation.core.faults import Fault
from automation.core.json import JsonObject
from automation.core.residency import ForeignEvents
from automation.core.wake import wake
from automation.events.models import Event, EventType
from automation.events.store import EventRow, store
from automation.events.validate import payload_faults

_canonical: Final = msgspec.json.Encoder(order="sorted").encode
_TYPES = f"SELECT name, id, schema::text FROM {EventType._meta.db_table} WHERE name = ANY(%s)"  # noqa: S608
_ON_FILE = f"SELECT id, content_hash FROM {Event._meta.db_table} WHERE id = ANY(%s)"  # noqa: S608


class Outcome(StrEnum):
    ACCEPTED = "accepted"  # New; will be decided on.
    KNOWN = "known"  # Sent before with the same content: nothing happens twice.
    CONFLICT = "conflict"  # Sent before with other content, which stays.
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to take in, well-formed, not yet checked against its type. Texts hold no NUL, times know their zone."""

    id: UUID
    event_type: str
    # Whom it happened to, by one of two: the client's id, or ours where the caller knows the contact.
    user_id: str | None = None
    contact_id: int | None = None
    occurred_at: datetime | None = None  # None: now.
    payload: JsonObject
    metadata: JsonObject

    def content_hash(self) -> bytes:
        """SHA-256 over all but the id. The order of keys does not count, nor do absent fields at their default."""
        who = self.contact_id if self.user_id is None else self.user_id
        content = (self.event_type, who, self.occurred_at, self.payload, self.metadata)
        return hashlib.sha256(_canonical(content)).digest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one event."""

    outcome: Outcome
    event_id: UUID | None  # None: it could not be read.
    faults: Sequence[Fault] = ()  # For INVALID: pointers into the event.


class _Type(NamedTuple):
    id: int
    schema: str  # JSON text, by which compiled schemas are found again.


Types = Mapping[str, _Type]


@dataclass(frozen=True, slots=True)
class _Checked:
    event: NewEvent
    content_hash: bytes
    faults: Sequence[Fault]


def ingest(*, events: Sequence[NewEvent], at: datetime) -> list[Receipt]:
    """Store what is new and valid, and wake the react pump on commit. A receipt for each event, in their order.

    Idempotent by event id, also within `events`, of which the first that is valid counts. Contacts that are not known
    are created. Two statements if all events are new and their contacts known, six at most; and one more where only
    some regions may be kept. Joins the caller's transaction. Without one, what is stored of known contacts stays also
    if storing the rest fails: whoever sends the batch again is told which these were.
    """
    types, refused = _types({event.event_type for event in events}), _refused(events)
    checked = [_Checked(event, event.content_hash(), _faults(event, types, refused)) for event in events]
    first: dict[UUID, _Checked] = {}
    for one in checked:
        if not one.faults:
            first.setdefault(one.event.id, one)
    new = store([_row(one, types, position, at) for position, one in enumerate(first.values())], at=at)
    on_file = {key: first[key].content_hash for key in new} | _content_hashes({one.event.id for one in checked} - new)
    if new:
        wake("automation.react")
    return [
        _receipt(one, is_new=one.event.id in new and first[one.event.id] is one, on_file=on_file) for one in checked
    ]


def _types(names: set[str]) -> Types:
    with connection.cursor() as cursor:
        cursor.execute(_TYPES, [list(names)])
        return {name: _Type(key, schema) for name, key, schema in cursor.fetchall()}


def _refused(events: Sequence[NewEvent]) -> set[str]:
    """Ids of contacts of whom clients may tell us nothing. Our own news go by our ids, and are never refused."""
    if settings.FOREIGN_EVENTS == ForeignEvents.SET_ASIDE:
        return set()  # The react pump will (enrollments/keep_out.py).
    return foreign({event.user_id for event in events if event.user_id is not None})


def _faults(event: NewEvent, types: Types, refused: set[str]) -> Sequence[Fault]:
    if event.event_type not in types:
        message = (
            f"There is no event type “{event.event_type}”. Add it in the admin, or to a file for `manage.py apply`."
        )
        return [Fault("/event_type", "unknown_event_type", message)]
    if event.user_id in refused:
        return [Fault("/user_id", CODE, MESSAGE)]
    return payload_faults(event.payload, types[event.event_type].schema)


def _row(one: _Checked, types: Types, position: int, at: datetime) -> EventRow:
    event = one.event
    return {
        "id": event.id,
        "event_type_id": types[event.event_type].id,
        "contact_id": event.contact_id,
        "user_id": event.user_id,
        "occurred_at": event.occurred_at or at,
        "payload": event.payload,
        "metadata": event.metadata,
        "content_hash": one.content_hash,
        "received_at": at,
        "due_at": at + timedelta(microseconds=position),  # So that a batch is decided on in its order.
    }


def _content_hashes(ids: set[UUID]) -> dict[UUID, bytes]:
    """What is on file under those of `ids` that are taken."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ON_FILE, [list(ids)])
        return dict(cursor.fetchall())


def _receipt(one: _Checked, *, is_new: bool, on_file: Mapping[UUID, bytes]) -> Receipt:
    if is_new:
        return Receipt(Outcome.ACCEPTED, one.event.id)
    if on_file.get(one.event.id) == one.content_hash:  # Also if its type has since become stricter.
        return Receipt(Outcome.KNOWN, one.event.id)
    if one.faults:
        return Receipt(Outcome.INVALID, one.event.id, one.faults)
    return Receipt(Outcome.CONFLICT, one.event.id)
