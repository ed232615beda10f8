"""Replay: a dead letter gets another chance."""

from django.db import transaction
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import Message, MessageQuerySet

Status = Message.Status


@transaction.atomic
def replay(messages: MessageQuerySet) -> int:
    """Queue those of `messages` again that have failed. Returns how many. Safe to ask twice; wakes on commit.

    All questions are asked anew, since that is what claiming does: has the address been suppressed since, is the
    flow still live? Only what failed is replayed: what is uncertain may have arrived (promise P2), and what was
    withheld was a decision.
    """
    queued = messages.filter(status=Status.FAILED).update(
        status=Status.QUEUED, attempts=0, reason="", due_at=timezone.now()
    )
    if queued:
        for lane in Lane:
            wake(lane.pump)
    return queued
