"""Entering a flow again after a time: the row of the last entry decides, by compare and set."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from automation.enrollments.models import LastEntry

# Whoever comes second waits for the first one's row, then sees what that one wrote: no lock but the row's is needed.
# In the order of contacts, so that no two callers deadlock.
_CLAIM = f"""
INSERT INTO {LastEntry._meta.db_table} AS last (contact_id, flow_id, event_id, entered_at, pause)
SELECT contact_id, flow_id, event_id, %s, make_interval(secs => pause_s)
FROM json_to_recordset(%s::json) AS new (contact_id bigint, flow_id bigint, event_id uuid, pause_s float8)
ORDER BY contact_id, flow_id
ON CONFLICT (contact_id, flow_id) DO UPDATE SET
    event_id = CASE WHEN last.entered_at + excluded.pause <= excluded.entered_at
                    THEN excluded.event_id ELSE last.event_id END,
    entered_at = CASE WHEN last.entered_at + excluded.pause <= excluded.entered_at
                      THEN excluded.entered_at ELSE last.entered_at END,
    pause = excluded.pause
RETURNING contact_id, flow_id, event_id, entered_at + pause
"""  # noqa: S608


class Entrant(NamedTuple):
    contact_id: int
    flow_id: int
    event_id: UUID
    pause: timedelta  # Before the flow may be entered again.


def too_soon(entrants: Sequence[Entrant], *, at: datetime) -> Mapping[tuple[UUID, int], datetime]:
    """By (event id, flow id), of those who come too soon: when it will be time again. All others have entered by this.

    Of several events of one contact, the first counts. One statement in the caller's transaction; none for nobody.
    """
    first = {(one.contact_id, one.flow_id): one for one in reversed(entrants)}
    if not first:
        return {}
    rows = [
        {
            "contact_id": one.contact_id,
            "flow_id": one.flow_id,
            "event_id": one.event_id,
            "pause_s": one.pause.total_seconds(),
        }
        for one in first.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, msgspec.json.encode(rows).decode()])
        last = {(contact_id, flow_id): said for contact_id, flow_id, *said in cursor.fetchall()}
    refused = {}
    for one in entrants:
        event_id, again_at = last[one.contact_id, one.flow_id]
        if one.event_id != event_id:
            refused[one.event_id, one.flow_id] = again_at
    return refused
