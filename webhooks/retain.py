"""Retain: delete webhook calls that are older than they are kept, the oldest first."""

from django.conf import settings
from django.db import connection
from django.utils import timezone

RETAIN = "webhooks.retain"
# Calls deleted in one transaction.
BATCH = 1_000

# Their ids are in the order in which they came. What is not digested yet stays, however old.
_DELETE = """
DELETE FROM webhooks_inboxevent
WHERE received_at < %s AND status <> 'new'
  AND id = ANY(ARRAY(SELECT id FROM webhooks_inboxevent ORDER BY id LIMIT %s))
"""


def retain() -> int:
    """One batch. Returns how many calls it has deleted: the digested, and those that were set aside and left so."""
    keep = settings.KEEP["webhook_calls"]
    if keep is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [timezone.now() - keep, BATCH])
        return int(cursor.rowcount)
