"""Store: keep a verified webhook call as it came. All understanding is the digest pump's."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from automation.core import sql
from automation.core.together import Together
from automation.core.wake import wake
from webhooks.door import Door
from webhooks.models import InboxEvent

PUMP = "webhooks.digest"


def store(request: HttpRequest, door: Door, *, at: datetime) -> bool:
    """Idempotent: what the ESP repeats is kept once. False: its proof has been used before, for something else.

    One statement, which threads that call at once share. Wakes the digest pump.
    """
    once = door.dialect.proven_once
    known_by = once(request).encode() if once else request.body
    row = {
        "account_id": door.account.pk,
        "dedupe_key": hashlib.sha256(b"%d:%b" % (door.account.pk, known_by)).digest(),
        "content_type": request.META["CONTENT_TYPE"],
        "headers": {name: request.headers[name] for name in door.dialect.headers if name in request.headers},
        "body": request.body,
        "received_at": at,
        "status": InboxEvent.Status.NEW.value,
        "due_at": at,
        "attempts": 0,
        "failure": "",
    }
    is_new = _together.do(row)
    return is_new or not once or _is_repeated(row)


def _store_now(rows: Sequence[sql.Row]) -> list[bool]:
    """Whether each is news; of equal ones only the first is."""
    stored = sql.insert(InboxEvent, rows, conflict="dedupe_key", returning="dedupe_key")
    new = {bytes(dedupe_key) for (dedupe_key,) in stored}
    if new:
        wake(PUMP)
    return [_took(row["dedupe_key"], new) for row in rows]


def _took(key: bytes, keys: set[bytes]) -> bool:
    is_there = key in keys
    keys.discard(key)
    return is_there


_together = Together(_store_now)


def _is_repeated(row: sql.Row) -> bool:
    return InboxEvent.objects.filter(dedupe_key=row["dedupe_key"], body=row["body"]).exists()
