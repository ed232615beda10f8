"""Store: keep a verified webhook call as it came. All understanding is the digest pump's."""

import hashlib
from datetime import datetime

from django.http import HttpRequest

from automation.core import sql
from automation.core.wake import wake
from webhooks.door import Door
from webhooks.models import InboxEvent

PUMP = "webhooks.digest"


def store(request: HttpRequest, door: Door, *, at: datetime) -> None:
    """One statement. Idempotent: what the ESP repeats is kept once. Wakes the digest pump on commit."""
    row = {
        "account_id": door.account.pk,
        "dedupe_key": hashlib.sha256(b"%d:%b" % (door.account.pk, request.body)).digest(),
        "content_type": request.META["CONTENT_TYPE"],
        "headers": {name: request.headers[name] for name in door.dialect.headers if name in request.headers},
        "body": request.body,
        "received_at": at,
        "status": InboxEvent.Status.NEW.value,
        "due_at": at,
        "attempts": 0,
        "failure": "",
    }
    if sql.insert(InboxEvent, [row], conflict="dedupe_key", returning="id"):
        wake(PUMP)
