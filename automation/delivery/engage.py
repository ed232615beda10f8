"""Engage: note who has opened or clicked a mail. Warm-ups begin with those who did so last."""

from collections.abc import Iterable

import msgspec
from django.db import connection

from automation.delivery.stamp import Report, Stage

ENGAGING = {Stage.OPENED, Stage.CLICKED}


def engage(reports: Iterable[Report]) -> None:
    """Move up the contacts whose mail was opened or clicked, and what is held for them. One statement; else none.

    In the caller's transaction, before it locks messages: contacts come first, and they are locked in the order of
    their ids. Idempotent, in whatever order reports come. An account has no say in another's messages.
    """
    seen = [
        {"account_id": one.account_id, "id": one.message_id, "esp_message_id": one.esp_message_id, "at": one.at}
        for one in reports
        if one.stage in ENGAGING
    ]
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(_ENGAGE, [msgspec.json.encode(seen).decode()])


# A difference of less than an hour changes no order that matters, and most opens come with others: it saves writes.
# An ESP's clock that is ahead must not put anybody ahead of all others.
_ENGAGE = """
WITH seen AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS s (account_id bigint, id uuid, esp_message_id text, at timestamptz)
), by_contact AS (
    SELECT contact_id AS id, least(max(at), now()) AS at
    FROM (
        SELECT m.contact_id, seen.at
        FROM seen JOIN automation_message AS m ON m.id = seen.id AND m.account_id = seen.account_id
        UNION ALL
        SELECT m.contact_id, seen.at
        FROM seen JOIN automation_message AS m
        ON m.esp_message_id = seen.esp_message_id AND m.esp_message_id <> '' AND m.account_id = seen.account_id
        WHERE seen.id IS NULL
    ) AS mail
    WHERE contact_id IS NOT NULL
    GROUP BY contact_id
), engaged AS (
    SELECT contact.id, by_contact.at
    FROM by_contact JOIN automation_contact AS contact ON contact.id = by_contact.id
    WHERE contact.engaged_at IS NULL OR contact.engaged_at < by_contact.at - interval '1 hour'
    ORDER BY contact.id
    FOR NO KEY UPDATE OF contact
), written AS (
    UPDATE automation_contact AS contact SET engaged_at = greatest(contact.engaged_at, engaged.at)
    FROM engaged WHERE contact.id = engaged.id
)
UPDATE automation_message AS m SET engaged_at = engaged.at
FROM engaged WHERE m.contact_id = engaged.id AND m.status = 'held'
"""
