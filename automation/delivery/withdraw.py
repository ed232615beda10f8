"""Holding back mail of walks that have ended early: what has not been tried yet is not sent any more."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from automation.delivery.models import Message

# By the prefix of their dedupe keys, which the index knows. A claim that holds one at this instant has come first.
_WITHDRAW = f"""
WITH locked AS (
    SELECT m.id, ended.reason FROM unnest(%s::text[], %s::text[]) AS ended (id, reason)
    JOIN {Message._meta.db_table} AS m
        ON m.dedupe_key >= ended.id || ':' COLLATE "C" AND m.dedupe_key < ended.id || ';' COLLATE "C"
    WHERE m.status IN ('queued', 'held') AND m.attempts = 0
    ORDER BY m.id FOR NO KEY UPDATE OF m
)
UPDATE {Message._meta.db_table} AS m SET status = 'withheld', reason = locked.reason
FROM locked WHERE m.id = locked.id
"""  # noqa: S608


def withdraw(reasons: Mapping[UUID, str]) -> None:
    """By enrollment: why. One statement in the caller's transaction; none for nobody.

    A message that a call was made for stays as it is: it may have arrived.
    """
    if not reasons:
        return
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, [[str(enrollment_id) for enrollment_id in reasons], list(reasons.values())])
