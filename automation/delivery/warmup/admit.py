"""Admit: let as many messages go out as their warm-up plans have room for, and count them. Each claim asks."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from automation.core import sql
from automation.core.lanes import Lane
from automation.delivery.models import Attempt, Message, WarmupPlan
from automation.delivery.models.accounts import domain_of
from automation.delivery.warmup.caps import room, turn, use
from automation.delivery.warmup.hold import WARMING_UP

COUNTS = ("id", "hour", "used_this_hour", "day", "used_today", "last_used_at")


def admit(messages: Sequence[Message], lane: Lane) -> Sequence[Message]:
    """Which of these messages, claimed and about to go out, may do so; the others are held. Counts first attempts.

    In the transaction that claims them, so that what is counted is what goes out, however many workers there are and
    whatever dies. Five statements at most; none if their account has no plan. Transactional mail counts and is never
    held, nor is what may have gone out before. Messages are those of one account, as `lock_due` gives them.
    """
    covered = [message for message in messages if message.warms_up]  # type: ignore[attr-defined]  # By lock_due.
    tried = _tried_here([message for message in covered if message.attempts])
    by_domain: dict[str, list[Message]] = defaultdict(list)
    for message in covered:
        if message.pk not in tried:
            by_domain[domain_of(message.sender_email)].append(message)  # type: ignore[attr-defined]  # By lock_due.
    if not by_domain:
        return messages
    covering = WarmupPlan.objects.unfinished().filter(account=messages[0].account_id, domain__in=list(by_domain))
    plans = list(covering.lock())
    held = {message for plan in plans for message in _count(plan, by_domain[plan.domain], lane)}
    sql.update(WarmupPlan, [{name: getattr(plan, name) for name in COUNTS} for plan in plans])
    _hold(held)
    return [message for message in messages if message not in held]


def _tried_here(again: Sequence[Message]) -> set[UUID]:
    """Those that this account has tried. What has come from another that could not send is new to this one."""
    if not again:
        return set()
    attempts = Attempt.objects.filter(message__in=again, account=again[0].account_id)
    return set(attempts.values_list("message_id", flat=True))


def _count(plan: WarmupPlan, messages: Sequence[Message], lane: Lane) -> Sequence[Message]:
    """Returns those that there is no room for."""
    at = plan.at  # type: ignore[attr-defined]  # Annotated by `lock`.
    turn(plan, at)
    can_wait = [] if lane is Lane.TRANSACTIONAL else [one for one in messages if not one.unknown_since]
    cannot = len(messages) - len(can_wait)
    admitted = int(min(len(can_wait), max(0, room(plan) - cannot)))
    use(plan, cannot + admitted, at)
    return can_wait[admitted:]


def _hold(messages: set[Message]) -> None:
    if messages:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [WARMING_UP, [message.pk for message in messages]])


_HOLD = """
UPDATE automation_message AS m SET status = 'held', reason = %s, engaged_at = (
    SELECT engaged_at FROM automation_contact WHERE id = m.contact_id
)
WHERE id = ANY(%s::uuid[])
"""
