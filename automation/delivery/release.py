"""Release: give back claims whose calls have not begun, so that nobody waits for their leases to run out."""

from collections.abc import Sequence

from django.db import connection

from automation.delivery.marks import Claim


def release(claims: Sequence[Claim]) -> None:
    """Queue these messages again as they were. One statement; a claim that has run out meanwhile changes nothing.

    The caller makes no call for them: it has set no begin mark and will not, or has taken the call from its thread.
    """
    if claims:
        with connection.cursor() as cursor:
            cursor.execute(_RELEASE, [[claim.message_id for claim in claims], [claim.fence for claim in claims]])


# Locked in the order of their ids, as everywhere.
_RELEASE = """
WITH claim AS (
    SELECT * FROM unnest(%s::uuid[], %s::int[]) AS c (id, fence)
), locked AS (
    SELECT m.id FROM automation_message AS m JOIN claim USING (id)
    WHERE m.fence = claim.fence AND m.status = 'sending'
    ORDER BY m.id FOR NO KEY UPDATE OF m
)
UPDATE automation_message AS m SET status = 'queued', lease_until = NULL FROM locked WHERE m.id = locked.id
"""
