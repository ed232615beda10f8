"""Retain: delete imports of lists, and strikes, that are older than they are kept. Opt-outs and consents stay."""

from django.conf import settings
from django.db import connection
from django.utils import timezone

# Lists and strikes deleted by one statement.
LISTS, STRIKES = 10, 1_000

# Not those that are being taken in. Of a file that could not be read, the rows that came before still lie there.
_LISTS = """
WITH old AS (
    SELECT id FROM suppression_listimport AS l
    WHERE created_at < %s AND (NOT is_read OR NOT EXISTS (
        SELECT FROM suppression_chunk WHERE list_import_id = l.id AND done_at IS NULL
    ))
    ORDER BY id LIMIT %s
),
chunks AS (DELETE FROM suppression_chunk WHERE list_import_id IN (SELECT id FROM old))
DELETE FROM suppression_listimport WHERE id IN (SELECT id FROM old)
"""
# Their ids are in the order in which they were told, so that only the first are looked at.
_STRIKES = """
DELETE FROM suppression_strike
WHERE at < %s AND id = ANY(ARRAY(SELECT id FROM suppression_strike ORDER BY id LIMIT %s))
"""
_DELETE = {"lists": (_LISTS, LISTS), "strikes": (_STRIKES, STRIKES)}


def retain() -> int:
    """One batch of each. Returns how many lists and strikes it has deleted."""
    at, deleted = timezone.now(), 0
    with connection.cursor() as cursor:
        for name, (statement, most) in _DELETE.items():
            if keep := settings.KEEP[name]:
                cursor.execute(statement, [at - keep, most])
                deleted += cursor.rowcount
    return deleted
