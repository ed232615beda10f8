"""Making checks of the notes that mails were sent. A trigger takes them: migrations/0027_sent_segments.py."""

from typing import Final

from django.db import connection, transaction

# Notes at a time. All of a contact's are worked off together.
BATCH: Final = 1_000

# Contacts first, as everywhere; one that another holds is left to the next run.
_LOCK: Final = """
SELECT id FROM automation_contact
WHERE id = ANY(ARRAY(SELECT contact_id FROM automation_segmentnote ORDER BY id LIMIT %s))
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
"""
# What is noted while this runs is not seen, so it stays, and has the contact asked once more.
_HEED: Final = """
WITH noted AS (
    DELETE FROM automation_segmentnote WHERE contact_id = ANY(%s) RETURNING contact_id
)
INSERT INTO automation_segmentcheck AS asked (segment_id, contact_id, status, due_at, attempts, failure)
SELECT DISTINCT segment.id, noted.contact_id, 'due', now(), 0, ''
FROM noted JOIN automation_segment AS segment ON segment.counts_sent
ON CONFLICT (contact_id, segment_id) DO UPDATE
SET due_at = LEAST(asked.due_at, EXCLUDED.due_at), status = 'due', attempts = 0, failure = ''
"""


@transaction.atomic
def heed_notes() -> int:
    """Let those to whom mails were sent be asked again by the segments that count that. Returns how many contacts.

    Two statements; one if there is no note.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [BATCH])
        contact_ids = [contact_id for (contact_id,) in cursor.fetchall()]
        if contact_ids:
            cursor.execute(_HEED, [contact_ids])
    return len(contact_ids)
