"""Release: queue what a warm-up has held, the most engaged first, as far as there is room for it."""

from typing import NamedTuple

from django.db import connection

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import WarmupPlan
from automation.delivery.models.accounts import SENDER_DOMAIN

# The most that is released in one transaction. Larger, and claims under the plan, transactional ones too, wait longer
# for its lock: 5,000 take 0.2 s.
AT_ONCE = 5_000


class Released(NamedTuple):
    messages: int
    is_full: bool  # Together with what is on its way, they fill the room.


def release(plan: WarmupPlan, room: int) -> Released:
    """Queue what `plan` holds until what is queued and not tried yet fills `room`. One statement. Wakes on commit.

    The caller has locked the plan, so that no two releases fill the same room. What is queued counts when it is
    claimed; `admit` holds again what is too much by then. Messages of paused flows stay held and fill nothing; so do
    all while their account cannot send, or failover would carry them off. The cost depends on `room`, not on how many
    are held.
    """
    params: dict[str, int | str] = {
        "account": plan.account_id,
        "domain": plan.domain,
        "room": room,
        "limit": min(room, AT_ONCE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, params)
        on_its_way, released, lanes = cursor.fetchone()
    _wake(lanes)
    return Released(released, is_full=on_its_way + released >= room)


def release_uncovered(*, limit: int = AT_ONCE) -> int:
    """Queue what is held under no unfinished plan: it is done or was deleted, or the sender has another domain now.

    One statement. Returns how many. So no message is held for ever.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_UNCOVERED, {"limit": limit})
        released, lanes = cursor.fetchone()
    _wake(lanes)
    return int(released)


def _wake(lanes: list[str] | None) -> None:
    for lane in lanes or ():
        wake(Lane(lane).pump)


_QUEUED = "status = 'queued', reason = '', engaged_at = NULL, due_at = statement_timestamp()"

# `message_held` is read in its order, once for each sender of the domain and lane: what follows something that the
# person did goes before what goes to many. Locked rows are skipped: an open may just be moving them up.
_RELEASE = f"""
WITH sender AS MATERIALIZED (
    SELECT sender.id FROM automation_senderidentity AS sender, automation_espaccount AS account
    WHERE {SENDER_DOMAIN} = %(domain)s AND account.id = %(account)s
      AND account.status = 'active' AND (account.open_until IS NULL OR account.open_until <= statement_timestamp())
), paused AS MATERIALIZED (
    SELECT version.id FROM automation_flowversion AS version
    JOIN automation_flow AS flow ON flow.id = version.flow_id AND flow.status = 'paused'
), on_its_way AS (
    SELECT FROM automation_message
    WHERE account_id = %(account)s AND lane IN ('triggered', 'bulk') AND status = 'queued' AND attempts = 0
      AND sender_id IN (SELECT id FROM sender) AND flow_version_id IN (SELECT id FROM paused) IS NOT TRUE
    LIMIT %(room)s
), wanted AS (
    SELECT m.id
    FROM sender
    CROSS JOIN (VALUES (1, 'triggered'), (2, 'bulk')) AS lanes (place, lane)
    CROSS JOIN LATERAL (
        SELECT id, engaged_at, created_at FROM automation_message
        WHERE account_id = %(account)s AND sender_id = sender.id AND lane = lanes.lane AND status = 'held'
          AND flow_version_id IN (SELECT id FROM paused) IS NOT TRUE
        ORDER BY engaged_at DESC NULLS LAST, created_at
        LIMIT %(limit)s
    ) AS m
    ORDER BY lanes.place, m.engaged_at DESC NULLS LAST, m.created_at
    LIMIT least(%(limit)s, %(room)s - (SELECT count(*) FROM on_its_way))
), next AS (
    SELECT id FROM automation_message WHERE id IN (SELECT id FROM wanted) AND status = 'held'
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), released AS (
    UPDATE automation_message AS m SET {_QUEUED}
    FROM next WHERE m.id = next.id
    RETURNING m.lane
)
SELECT (SELECT count(*) FROM on_its_way), count(*), array_agg(DISTINCT lane) FROM released
"""  # noqa: S608

# There are few accounts and senders; each pair costs one look at `message_held`.
_RELEASE_UNCOVERED = f"""
WITH uncovered AS MATERIALIZED (
    SELECT account.id AS account_id, sender.id AS sender_id
    FROM automation_espaccount AS account CROSS JOIN automation_senderidentity AS sender
    WHERE NOT EXISTS (
        SELECT FROM automation_warmupplan AS plan
        WHERE plan.account_id = account.id AND plan.domain = {SENDER_DOMAIN} AND plan.status <> 'done'
    )
), next AS (
    SELECT m.id
    FROM uncovered
    CROSS JOIN LATERAL (
        SELECT id FROM automation_message
        WHERE account_id = uncovered.account_id AND sender_id = uncovered.sender_id AND status = 'held'
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS m
    LIMIT %(limit)s
), released AS (
    UPDATE automation_message AS m SET {_QUEUED}
    FROM next WHERE m.id = next.id AND m.status = 'held'
    RETURNING m.lane
)
SELECT count(*), array_agg(DISTINCT lane) FROM released
"""  # noqa: S608
