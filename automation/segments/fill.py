"""Asking everybody by a rule that is new, chunk by chunk. A crash costs the chunk under way."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from automation.contacts.models import Contact
from automation.segments.assess import assess
from automation.segments.models import Segment
from automation.segments.move import move

# Contacts a chunk, locked together for a tenth of a second.
CHUNK: Final = 1_000

# What builds on another waits until that one has asked everybody, so that nobody comes in or leaves by it later, told.
_UNFILLED: Final = """
SELECT * FROM automation_segment AS segment
WHERE fill_after IS NOT NULL AND NOT EXISTS (
    SELECT FROM automation_segment AS part WHERE part.id = ANY(segment.builds_on) AND part.fill_after IS NOT NULL
)
ORDER BY id LIMIT 1
FOR NO KEY UPDATE OF segment SKIP LOCKED
"""
_NEXT: Final = "SELECT * FROM automation_contact WHERE id > %s ORDER BY id LIMIT %s FOR NO KEY UPDATE"


@transaction.atomic
def fill(*, at: datetime) -> int:
    """Ask the next chunk of contacts by one of the rules that are new. Returns how many; 0 if there is none to ask.

    Nobody is told of those who come in or leave: they were so from the start of the rule. Locks the segment, then the
    contacts by id.
    """
    segment = next(iter(Segment.objects.raw(_UNFILLED)), None)
    if segment is None:
        return 0
    if segment.fill_from is None:
        return _note_whom_to_wait_for(segment)
    if not _have_ended(segment.fill_from):
        return 0
    contacts = list(Contact.objects.raw(_NEXT, [segment.fill_after, CHUNK]))
    standings = assess([(contact, segment) for contact in contacts], at=at)
    move(standings, {segment.pk: segment}, at=at, is_told=lambda *_: False)
    segment.fill_after = contacts[-1].pk if len(contacts) == CHUNK else None
    segment.save(update_fields=["fill_after"])
    return max(len(contacts), 1)


def _note_whom_to_wait_for(segment: Segment) -> int:
    """Whoever is just creating a contact may not know the rule, nor would we see the contact. All who begin later do.

    So those must end first who write something now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (segment.fill_from,) = cursor.fetchone()
    segment.save(update_fields=["fill_from"])
    return 1


def _have_ended(before: int) -> bool:
    """All transactions whose number is below `before`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", [before])
        return bool(cursor.fetchone()[0])
