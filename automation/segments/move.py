"""Writing down who has come into a segment and who has left it, and telling so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from automation.core import sql
from automation.core.ids import new_id
from automation.events.ingest import NewEvent, ingest
from automation.events.membership import ENTERED, LEFT
from automation.segments.assess import Standing
from automation.segments.mark import mark_building
from automation.segments.models import Segment, SegmentCheck, SegmentMember

_LEAVE: Final = """
DELETE FROM automation_segmentmember AS member
USING unnest(%s::bigint[], %s::bigint[]) AS gone (segment_id, contact_id)
WHERE member.segment_id = gone.segment_id AND member.contact_id = gone.contact_id
RETURNING member.segment_id, member.contact_id
"""
_FORGET_CHECKS: Final = """
DELETE FROM automation_segmentcheck AS asked
USING unnest(%s::bigint[], %s::bigint[]) AS done (segment_id, contact_id)
WHERE asked.segment_id = done.segment_id AND asked.contact_id = done.contact_id
"""


def move(
    standings: Sequence[Standing],
    segments: Mapping[int, Segment],
    *,
    at: datetime,
    is_told: Callable[[Segment, int], bool],
) -> None:
    """Bring membership to what `standings` say, tell what that changed, and note when to ask again.

    The caller's transaction holds the contacts' locks, so that nobody else moves them or asks for a check meanwhile.
    `is_told` says of whom it is told by an event. Eight statements at most, whatever the number of contacts.
    """
    came = sql.insert(
        SegmentMember,
        [{"segment_id": one.segment_id, "contact_id": one.contact_id, "since": at} for one in standings if one.is_in],
        conflict="segment_id, contact_id",
        returning="segment_id, contact_id",
    )
    left = _execute(_LEAVE, [(one.segment_id, one.contact_id) for one in standings if not one.is_in], returns=True)
    events = [
        _event(kind, segments[segment_id], contact_id)
        for kind, moved in ((ENTERED, came), (LEFT, left))
        for segment_id, contact_id in moved
        if is_told(segments[segment_id], contact_id)
    ]
    if events:
        ingest(events=events, at=at)
    _execute(_FORGET_CHECKS, [(one.segment_id, one.contact_id) for one in standings])
    sql.insert(SegmentCheck, [_check(one, one.again_at) for one in standings if one.again_at])
    mark_building([*came, *left])


def _event(kind: str, segment: Segment, contact_id: int) -> NewEvent:
    return NewEvent(id=new_id(), event_type=kind, contact_id=contact_id, payload={"segment": segment.key}, metadata={})


def _check(standing: Standing, due_at: datetime) -> sql.Row:
    return {
        "segment_id": standing.segment_id,
        "contact_id": standing.contact_id,
        "status": SegmentCheck.Status.DUE.value,
        "due_at": due_at,
        "attempts": 0,
        "failure": "",
    }


def _execute(statement: str, pairs: Sequence[tuple[int, int]], *, returns: bool = False) -> list[tuple[int, int]]:
    if not pairs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [[segment_id for segment_id, _ in pairs], [contact_id for _, contact_id in pairs]])
        return cursor.fetchall() if returns else []
