"""Caps: no contact gets more mails within any stretch of time than a marketer allows, over all flows. Each claim asks.

What the ESP has or may have counts, from when it was claimed. Two claims that hold mail of one contact count one after
the other, under the contact's own lock, so together they cannot exceed a cap.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from automation.delivery.models import Message
from automation.delivery.models.messages import COUNTED

# What the reason of a message begins with that a cap holds up or has stopped.
CAPPED = "capped"
# Tells these locks from others of the two-number kind.
_LOCKS = 0x63617073
# Clocks of workers and database differ. Without, a cap that is as patient as long would give up what it could wait for.
_SLACK = timedelta(minutes=1)

Key = tuple[int | None, int]  # A contact's id and a cap's.


class Cap(NamedTuple):
    id: int
    name: str
    limit: int
    period: timedelta
    topic_id: int | None
    lane: str
    patience: timedelta

    def covers(self, message: Message) -> bool:
        """Transactional mail has no topic; mail whose contact was erased is nobody's."""
        return (
            message.topic_id is not None
            and message.contact_id is not None
            and self.topic_id in {None, message.topic_id}
            and self.lane in {"", message.lane}
        )


class Over(NamedTuple):
    """A cap has no room for a message."""

    reason: str
    since: datetime  # When it was first held up.
    room_at: datetime
    waits: bool  # Else there is room only later than the cap lets it wait.


def over_caps(messages: Sequence[Message], at: datetime, *, claiming: bool) -> dict[Message, Over]:
    """Which of these messages, against which nothing else speaks, a cap has no room for. The first go first.

    Two statements, and none while there are no caps. `claiming`: in the claim's transaction, each contact's count is
    locked until it commits; else it is only looked at. Locks are taken by number after those of messages, and whoever
    holds one waits for no message.
    """
    asked = [(message, caps) for message in messages if (caps := covering(message))]
    if not asked:
        return {}
    keys = {(message.contact_id, cap.id): cap for message, caps in asked for cap in caps}
    if claiming:
        _lock({contact_id for contact_id, _ in keys if contact_id})
    sent = count(keys)
    return {message: over for message, caps in asked if (over := ask(message, caps, sent, at))}


@lru_cache(maxsize=256)
def caps_of(text: str) -> tuple[Cap, ...]:
    """From models.caps.CAPS, as text."""
    return tuple(
        Cap(
            id=cap["id"],
            name=cap["name"],
            limit=cap["limit"],
            period=timedelta(seconds=cap["period"]),
            topic_id=cap["topic"],
            lane=cap["lane"],
            patience=timedelta(seconds=cap["patience"]),
        )
        for cap in json.loads(text)
    )


def covering(message: Message) -> list[Cap]:
    text: str | None = message.caps  # type: ignore[attr-defined]  # By lock_due.
    return [cap for cap in caps_of(text) if cap.covers(message)] if text else []


def ask(message: Message, caps: Sequence[Cap], sent: dict[Key, list[datetime]], at: datetime) -> Over | None:
    """Counts it as sent if there is room. `sent`: when, in each cap's period before `at`, the latest first. Pure."""
    contact_id = message.contact_id
    full = [cap for cap in caps if len(sent[contact_id, cap.id]) >= cap.limit]
    if not full:
        for cap in caps:
            sent[contact_id, cap.id].insert(0, at)
        return None
    since = message.capped_at or at
    frees = {cap: sent[contact_id, cap.id][cap.limit - 1] + cap.period for cap in full}
    last = max(full, key=frees.__getitem__)
    waits = all(frees[cap] <= since + cap.patience + _SLACK for cap in full)
    return Over(f"{CAPPED}: {last.name}", since, frees[last], waits)


def _lock(contact_ids: set[int]) -> None:
    numbers = sorted({contact_id % 2**31 for contact_id in contact_ids})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, n) FROM unnest(%s::int[]) AS n", [_LOCKS, numbers])


def count(keys: dict[Key, Cap], *, as_of: datetime | None = None) -> dict[Key, list[datetime]]:
    """When each contact was last sent what each cap covers, the latest first: up to its limit, within its period.

    `as_of`: within its period before that instant, and all that was sent since, however many.
    """
    columns = zip(
        *(
            (contact_id, cap.id, None if as_of else cap.limit, cap.period, cap.topic_id, cap.lane)
            for (contact_id, _), cap in keys.items()
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [as_of, *(list(column) for column in columns)])
        return {(contact_id, cap_id): times for contact_id, cap_id, times in cursor.fetchall()}


_COUNT = f"""
SELECT asked.contact_id, asked.cap_id, ARRAY(
    SELECT m.claimed_at FROM automation_message AS m
    WHERE m.contact_id = asked.contact_id AND m.claimed_at > COALESCE(%s, now()) - asked.period
      AND m.topic_id IS NOT NULL AND m.status IN {COUNTED}
      AND (asked.topic_id IS NULL OR m.topic_id = asked.topic_id) AND (asked.lane = '' OR m.lane = asked.lane)
    ORDER BY m.claimed_at DESC
    LIMIT asked.most
)
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::interval[], %s::bigint[], %s::text[])
  AS asked (contact_id, cap_id, most, period, topic_id, lane)
"""  # noqa: S608
