"""Engage: note which people have opened or clicked a mail. Warm-ups begin with those who did so last."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
from django.db import connection

from automation.delivery.stamp import Report


def lock_contacts(reports: Iterable[Report]) -> None:
    """Lock the contacts who may have opened or clicked, if `engage` would change them. One statement; else none.

    In the caller's transaction, before it locks messages: contacts come first, in the order of their ids. Whether it
    was a person, only the locked messages tell.
    """
    seen = [one for one in reports if one.engaged]
    if seen:
        ids = [one.message_id for one in seen if one.message_id]
        esp_message_ids = [one.esp_message_id for one in seen if not one.message_id and one.esp_message_id]
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [ids, esp_message_ids, max(one.at for one in seen)])


def engage(people: Mapping[int, datetime]) -> None:
    """Move up the contacts who have opened or clicked, by when, and what is held for them. One statement; else none.

    After `lock_contacts`. Idempotent, in whatever order reports come.
    """
    if people:
        rows = [{"id": contact_id, "at": at} for contact_id, at in people.items()]
        with connection.cursor() as cursor:
            cursor.execute(_ENGAGE, [msgspec.json.encode(rows).decode()])


_LOCK = """
SELECT FROM automation_contact
WHERE id IN (
    SELECT contact_id FROM automation_message
    WHERE id = ANY(%s::uuid[]) OR (esp_message_id = ANY(%s::text[]) AND esp_message_id <> '')
) AND (engaged_at IS NULL OR engaged_at < %s::timestamptz - interval '1 hour')
ORDER BY id
FOR NO KEY UPDATE
"""
# A difference of less than an hour changes no order that matters, and most opens come with others: it saves writes.
# An ESP's clock that is ahead must not put anybody ahead of all others.
_ENGAGE = """
WITH people AS MATERIALIZED (
    SELECT id, least(at, now()) AS at FROM json_to_recordset(%s::json) AS s (id bigint, at timestamptz)
), engaged AS (
    UPDATE automation_contact AS contact SET engaged_at = people.at
    FROM people
    WHERE contact.id = people.id
      AND (contact.engaged_at IS NULL OR contact.engaged_at < people.at - interval '1 hour')
    RETURNING contact.id, contact.engaged_at AS at
)
UPDATE automation_message AS m SET engaged_at = engaged.at
FROM engaged WHERE m.contact_id = engaged.id AND m.status = 'held'
"""
