"""Tend: what becomes due of warm-up plans by itself. Once a minute, and when mail is composed that may go."""

from datetime import timedelta

import structlog
from django.db import transaction

from automation.delivery.models import WarmupPlan
from automation.delivery.warmup.caps import HOUR, hour_of, is_over, room, turn
from automation.delivery.warmup.freeze import counts_of_today, why_freeze
from automation.delivery.warmup.release import release, release_uncovered

log = structlog.get_logger(__name__)

# Mailbox providers forget a sender who was silent for so long (SendGrid's documentation: warm up again).
IDLE = timedelta(days=30)
# Who has never sent has nothing to be remembered by: day 1 comes again until there is a mail.
UNUSED = timedelta(days=1)

Status = WarmupPlan.Status


def tend() -> int:
    """Tend each plan in a transaction of its own, then release what none covers. Returns how many were released."""
    plans = WarmupPlan.objects.unfinished().order_by("pk").values_list("pk", flat=True)
    return sum(tend_plan(pk) for pk in list(plans)) + release_uncovered()


@transaction.atomic
def tend_plan(pk: int) -> int:
    """Begin a plan again that has long been idle, end it after its last day, freeze it if it does harm; else release.

    Returns how many were released. A constant number of statements. Any number of workers may do it at once. A plan
    that is frozen is left to a person.
    """
    plan = WarmupPlan.objects.filter(pk=pk, status=Status.RUNNING).lock().first()
    if plan is None:
        return 0
    at = plan.at  # type: ignore[attr-defined]  # Annotated by `lock`.
    if at - (plan.last_used_at or plan.started_at) > (IDLE if plan.last_used_at else UNUSED):
        plan.started_at, plan.last_used_at = hour_of(at), None
        log.info("warmup_begins_again", plan=plan.pk)
    turn(plan, at)
    released = 0
    if is_over(plan):
        plan.status = Status.DONE  # What it holds is covered by none now.
        log.info("warmup_done", plan=plan.pk)
    elif reason := why_freeze(plan, counts_of_today(plan)):
        plan.status, plan.frozen_at, plan.frozen_reason = Status.FROZEN, at, reason
        log.error("warmup_frozen", plan=plan.pk, domain=plan.domain, reason=reason)
    else:
        released = _release(plan)
    plan.save()
    return released


def _release(plan: WarmupPlan) -> int:
    left = int(room(plan))
    messages, is_full = release(plan, left) if left else (0, True)
    plan.full_until = plan.hour + HOUR if is_full and plan.hour else None
    return messages
