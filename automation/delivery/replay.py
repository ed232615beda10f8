"""Replay: dead letters get another chance, once somebody has seen what would come of it (foresee.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Now

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.foresee import Fate, foresee
from automation.delivery.models import Message, MessageQuerySet

log = structlog.get_logger(__name__)

Status = Message.Status


def replay(messages: MessageQuerySet, *, asked_at: datetime, max_age: timedelta | None = None) -> list[Message]:
    """Queue those failed ones of `messages` again that would go or wait, as `foresee`, asked once more, has it.

    Returns them, known by `pk` and `lane` only. Wakes on commit; each claim asks once more. `asked_at` is that of the
    foresight somebody agreed to: what has been replayed since, by a second click or by somebody else, is left alone,
    even if it has failed again. Attempts begin anew; those of before stay in the message's history.
    """
    prospects = foresee(messages, max_age=max_age).prospects
    queued = _queue([one.message.pk for one in prospects if one.fate is not Fate.STAYS], asked_at)
    if queued:
        log.info("messages_replayed", messages=len(queued))
    return queued


@transaction.atomic
def _queue(ids: Sequence[UUID], asked_at: datetime) -> list[Message]:
    untouched = Message.objects.filter(pk__in=ids, status=Status.FAILED, due_at__lte=asked_at)
    queued = list(untouched.order_by("pk").select_for_update(no_key=True).only("pk", "lane"))
    Message.objects.filter(pk__in=[message.pk for message in queued]).update(
        status=Status.QUEUED, reason="", attempts=0, first_tried_at=None, capped_at=None, due_at=Now()
    )
    for lane in {message.lane for message in queued}:
        wake(Lane(lane).pump)
    return queued
