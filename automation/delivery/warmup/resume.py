"""Resuming a plan, or beginning it again: what a person decides about it."""

from datetime import UTC

import structlog
from django.db import transaction
from django.db.models.functions import Least, Now, TruncHour

from automation.core.wake import wake
from automation.delivery.models import WarmupPlan
from automation.delivery.warmup.hold import TASK

log = structlog.get_logger(__name__)

Status = WarmupPlan.Status
_THAWED = {"status": Status.RUNNING, "frozen_at": None, "frozen_reason": "", "full_until": None, "rates_from": Now()}


@transaction.atomic
def resume_plan(plan: WarmupPlan) -> bool:
    """Let a frozen plan go on with the day that it is in. False if it was not frozen. Wakes on commit.

    Its rates count from the next full hour on, so that what froze it does not freeze it again at once.
    """
    resumed = WarmupPlan.objects.filter(pk=plan.pk, status=Status.FROZEN).update(**_THAWED)
    if resumed:
        log.info("warmup_resumed", plan=plan.pk)
        wake(TASK)
    return resumed == 1


@transaction.atomic
def begin_again(plan: WarmupPlan) -> None:
    """Day 1 is now, whatever the plan's state, and even if the clock was once ahead. Wakes on commit.

    What this hour has used stays used.
    """
    WarmupPlan.objects.filter(pk=plan.pk).update(
        **_THAWED, started_at=Now(), day=0, last_used_at=None, hour=Least("hour", TruncHour(Now(), tzinfo=UTC))
    )
    log.info("warmup_begins_again", plan=plan.pk)
    wake(TASK)
