"""Storing events: one statement for all whose contacts are known, and a transaction only for those who are new."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

import msgspec
from django.db import connection, transaction

from automation.contacts.create_missing import create_missing
from automation.contacts.models import Contact
from automation.core.json import JsonObject
from automation.events.models import Event


class EventRow(TypedDict):
    """A new event's columns. Whom it happened to: `contact_id`, or else the contact with the external id `user_id`."""

    id: UUID
    event_type_id: int
    contact_id: int | None
    user_id: str | None
    occurred_at: datetime
    payload: JsonObject
    metadata: JsonObject
    content_hash: bytes
    received_at: datetime
    due_at: datetime


def store(rows: Sequence[EventRow], *, at: datetime) -> set[UUID]:
    """Insert those whose id is not on file, and contacts that are not known. Returns the ids that were inserted.

    One statement if all are new and of known contacts. Contacts come before events and both in a fixed order, so that
    no two callers deadlock.
    """
    new = _insert(rows)
    rest = [row for row in rows if row["id"] not in new]
    if any(row["user_id"] is not None for row in rest):
        with transaction.atomic(savepoint=False):
            create_missing((row["user_id"] for row in rest if row["user_id"] is not None), at=at)
            new |= _insert(rest)  # Also if nobody was missing any more: somebody else may have made them meanwhile.
    return new


def _insert(rows: Sequence[EventRow]) -> set[UUID]:
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [msgspec.json.encode(rows).decode()])
        return {key for (key,) in cursor.fetchall()}


# LATERAL with LIMIT leaves the planner one way to find contacts, by their index: it takes every document for a hundred
# rows, and for so many it would read all of a table that is not large.
_INSERT = f"""
INSERT INTO {Event._meta.db_table} (
    id, event_type_id, contact_id, occurred_at, payload, metadata, content_hash, received_at, status, due_at,
    attempts, failure, decisions
)
SELECT new.id, new.event_type_id, COALESCE(new.contact_id, known.id), new.occurred_at, new.payload, new.metadata,
       decode(new.content_hash, 'base64'), new.received_at, 'new', new.due_at, 0, '', '[]'
FROM json_to_recordset(%s::json) AS new (
    id uuid, event_type_id bigint, contact_id bigint, user_id text, occurred_at timestamptz, payload jsonb,
    metadata jsonb, content_hash text, received_at timestamptz, due_at timestamptz
)
LEFT JOIN LATERAL (
    SELECT id FROM {Contact._meta.db_table} WHERE external_id = new.user_id LIMIT 1
) AS known ON TRUE
WHERE COALESCE(new.contact_id, known.id) IS NOT NULL
ORDER BY new.id
ON CONFLICT (id) DO NOTHING
RETURNING id
"""  # noqa: S608
