"""From a hook step's wish to a call that waits to be made. Where it goes and what it says is pinned here."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from automation.core import sql
from automation.core.ids import new_id
from automation.core.json import JsonObject
from automation.core.wake import wake
from automation.hooks.models import HookCall

TASK = "automation.hooks"


class Wish(NamedTuple):
    """One enrollment's hook step asks for a call."""

    enrollment_id: UUID
    step_key: str
    visit: int
    contact_id: int
    flow_id: int
    url: str
    secret_env: str
    values: JsonObject


def write(wishes: Sequence[Wish], *, at: datetime) -> None:
    """One statement in the caller's transaction, none for no wishes; a wish granted before is passed over."""
    rows = [
        {
            "id": new_id(),
            "dedupe_key": f"{wish.enrollment_id}:{wish.step_key}:{wish.visit}",
            "enrollment_id": wish.enrollment_id,
            "step_key": wish.step_key,
            "contact_id": wish.contact_id,
            "flow_id": wish.flow_id,
            "url": wish.url,
            "secret_env": wish.secret_env,
            "body": _body(wish, at),
            "status": HookCall.Status.QUEUED.value,
            "due_at": at,
            "attempts": 0,
            "failure": "",
            "created_at": at,
        }
        for wish in wishes
    ]
    sql.insert(HookCall, rows, conflict="dedupe_key")
    if rows:
        wake(TASK)


def _body(wish: Wish, at: datetime) -> str:
    """Shaped as Standard Webhooks suggests: what happened, when, and about what."""
    said = {"type": f"flow.{wish.step_key}", "timestamp": at.isoformat(), "data": wish.values}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
