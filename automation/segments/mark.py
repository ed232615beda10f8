"""Asking for checks of contacts whose events, or whose moves, can change what a segment's rule says."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from automation.core.wake import wake
from automation.events.models import Event
from automation.segments.models import TASK

Pairs = Sequence[tuple[int, int]]

# Changes of contacts are marked by database triggers, in the same words: migrations/0017_segments.py.
_MARK: Final = """
INSERT INTO automation_segmentcheck AS asked (segment_id, contact_id, status, due_at, attempts, failure)
SELECT DISTINCT segment.id, change.contact_id, 'due', now(), 0, ''
FROM unnest(%s::bigint[], %s::bigint[]) AS change (cause, contact_id)
JOIN automation_segment AS segment ON change.cause = ANY(segment.{causes})
ON CONFLICT (contact_id, segment_id) DO UPDATE
SET due_at = LEAST(asked.due_at, EXCLUDED.due_at), status = 'due', attempts = 0, failure = ''
"""
_MARK_EVENTS: Final = _MARK.format(causes="event_types")
_MARK_MOVES: Final = _MARK.format(causes="builds_on")


def mark(events: Sequence[Event]) -> None:
    """Let the contacts of `events` be asked again by the segments that count such events; wakes on commit. For react.

    The caller's transaction holds the contacts' locks. The events were committed before it began: so a segment that is
    put in force too late to be seen here asks everybody later than that. One statement; no events, none.
    """
    if _mark(_MARK_EVENTS, [(event.event_type_id, event.contact_id) for event in events]):
        wake(TASK)


def mark_building(moved: Pairs) -> None:
    """Let contacts that have come into segments, or left them, be asked again by the segments that build on these.

    `moved`: (segment id, contact id). The caller's transaction holds the contacts' locks, and has the pump go on.
    One statement; nobody moved, none.
    """
    _mark(_MARK_MOVES, moved)


def _mark(statement: str, changes: Pairs) -> int:
    if not changes:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [[cause for cause, _ in changes], [contact_id for _, contact_id in changes]])
        return int(cursor.rowcount)
