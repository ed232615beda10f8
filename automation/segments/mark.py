"""Asking for checks of the contacts whose events can change what a segment's rule says. Called by react."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from automation.core.wake import wake
from automation.events.models import Event
from automation.segments.models import TASK

# Changes of contacts are marked by database triggers, in the same words: migrations/0017_segments.py.
_MARK: Final = """
INSERT INTO automation_segmentcheck AS asked (segment_id, contact_id, status, due_at, attempts, failure)
SELECT DISTINCT segment.id, event.contact_id, 'due', now(), 0, ''
FROM unnest(%s::bigint[], %s::bigint[]) AS event (event_type_id, contact_id)
JOIN automation_segment AS segment ON event.event_type_id = ANY(segment.event_types)
ON CONFLICT (contact_id, segment_id) DO UPDATE
SET due_at = LEAST(asked.due_at, EXCLUDED.due_at), status = 'due', attempts = 0, failure = ''
"""


def mark(events: Sequence[Event]) -> None:
    """Let the contacts of `events` be asked again by the segments that count such events; wakes on commit.

    The caller's transaction holds the contacts' locks. The events were committed before it began: so a segment that is
    put in force too late to be seen here asks everybody later than that. One statement; no events, none.
    """
    if not events:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[event.event_type_id for event in events], [event.contact_id for event in events]])
        if cursor.rowcount:
            wake(TASK)
