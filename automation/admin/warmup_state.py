"""How a warm-up stands, in a sentence: on its own page, and on those of the messages that wait for it."""

from datetime import datetime

from automation.delivery.models import Message, WarmupPlan
from automation.delivery.warmup.caps import caps_on, last_goes_out, turn
from automation.delivery.warmup.progress import count_held, plan_of

Status = WarmupPlan.Status


def why_held(message: Message, at: datetime) -> str:
    plan = plan_of(message)
    return state(plan, count_held(plan), at) if plan else "No warm-up holds it any more: it goes out within a minute."


def state(plan: WarmupPlan, waiting: int, at: datetime) -> str:
    """`waiting`: how many messages it holds. `plan` comes with its days."""
    turn(plan, at)
    caps = caps_on(plan, plan.day)
    if plan.status == Status.DONE or caps is None:
        return f"The warm-up of {plan.domain} is over: nothing is held any more."
    wait = f"{waiting:,} wait" if waiting != 1 else "1 waits"
    if plan.status == Status.FROZEN:
        return f"The warm-up of {plan.domain} is frozen ({plan.frozen_reason}); {wait} until a person resumes it."
    if plan.day == 0:
        return f"The warm-up of {plan.domain} begins at {_time(plan.started_at)}; {wait}."
    return (
        f"Day {plan.day} of the warm-up of {plan.domain} allows {caps.hourly:,} an hour and {caps.daily:,} in all"
        f" ({plan.used_this_hour:,} and {plan.used_today:,} used); {wait}{_last(plan, waiting)}."
    )


def _last(plan: WarmupPlan, waiting: int) -> str:
    last = last_goes_out(plan, waiting) if waiting else None
    return f"; at this plan the last goes out about {_time(last)}" if last else ""


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
