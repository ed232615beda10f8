"""Set aside: the events of a call that took no effect, each by itself, to be seen and tried again alone."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from automation.core import sql
from webhooks.models import InboxEvent
from webhooks.understand import Unread

# What is wrong with thousands of events, the first few tell.
MAX_FAILURE = 2_000


def set_aside(unread: Iterable[tuple[InboxEvent, Unread]], *, at: datetime) -> None:
    """Store a row for each event that is one of many; of others, their own row tells. One statement; or none.

    Idempotent: an event that has its row already keeps it, whatever has become of that.
    """
    rows = [_row(call, one, at) for call, one in unread if one.position is not None]
    sql.insert(InboxEvent, rows, conflict="dedupe_key")


def failure_of(unread: Iterable[Unread]) -> str:
    """Why the call itself is set aside; empty: it is not."""
    return "\n".join(one.reason for one in unread if one.position is None)[:MAX_FAILURE]


def _row(call: InboxEvent, one: Unread, at: datetime) -> dict[str, object]:
    return {
        "account_id": call.account_id,
        "dedupe_key": hashlib.sha256(bytes(call.dedupe_key) + f":{one.position}".encode()).digest(),
        "content_type": call.content_type,
        "headers": call.headers,
        "body": one.body,
        "received_at": call.received_at,
        "status": InboxEvent.Status.SET_ASIDE.value,
        "due_at": at,
        "attempts": 0,
        "part_of_id": call.pk,
        "failure": f"Event {one.position}: {one.reason}"[:MAX_FAILURE],
    }
