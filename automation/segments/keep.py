"""The segments pump: ask again whom a change or time may have moved, and everybody where a rule is new."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core import pump
from automation.segments.assess import assess
from automation.segments.fill import fill
from automation.segments.heed_notes import heed_notes
from automation.segments.models import Segment, SegmentCheck
from automation.segments.move import move

# Contacts a batch. More cost less each, but keep their events waiting longer.
BATCH: Final = 200

# Contacts first, as everywhere; one that another holds is left to the next run, which comes within 2 s.
_LOCK_DUE: Final = """
SELECT id FROM automation_contact
WHERE id = ANY(ARRAY(
    SELECT contact_id FROM automation_segmentcheck WHERE status = 'due' AND due_at <= %s ORDER BY due_at LIMIT %s
))
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
"""


def keep_segments() -> int:
    """Work off one batch of checks that are due or, if there is none, ask one chunk of everybody. Returns how many.

    First of all, notes are made checks: a run that only does that has found work.
    """
    noted = heed_notes()
    return noted + (pump.transact(_claim, lambda checks: check(checks, at=timezone.now())) or fill(at=timezone.now()))


def _claim() -> Sequence[SegmentCheck]:
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_DUE, [at, BATCH])
        contact_ids = [contact_id for (contact_id,) in cursor.fetchall()]
    if not contact_ids:
        return []
    # Only now, with the locks: what others wrote before they let go of them is seen. Empty arrays come first.
    due = SegmentCheck.objects.filter(contact_id__in=contact_ids, status=SegmentCheck.Status.DUE, due_at__lte=at)
    return list(due.order_by("segment__builds_on", "pk"))


def check(checks: Sequence[SegmentCheck], *, at: datetime) -> None:
    """Ask what `checks` want to know and act on it. The caller's transaction holds the contacts' locks.

    Those that build on others are asked when it is written who is in these. Statements: ten, and one for each question
    about history that differs; eighteen if some build on others.
    """
    contacts = Contact.objects.in_bulk({one.contact_id for one in checks})
    segments = Segment.objects.in_bulk({one.segment_id for one in checks})
    pairs = [(contacts[one.contact_id], segments[one.segment_id]) for one in checks]
    for builds in (False, True):
        storey = [(contact, segment) for contact, segment in pairs if bool(segment.builds_on) is builds]
        if storey:
            move(assess(storey, at=at), segments, at=at, is_told=_is_told)


def _is_told(segment: Segment, contact_id: int) -> bool:
    """Whom the filling has not come to yet, counts as in from the start."""
    return segment.fill_after is None or contact_id <= segment.fill_after
