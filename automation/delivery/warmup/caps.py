"""What a plan allows now: its hours, its days, and what is left of them. Pure; plans come with their days."""

from datetime import datetime, timedelta
from math import inf

from automation.delivery.models import WarmupPlan
from automation.delivery.warmup.presets import Caps

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST_DAY = 32_767  # That the column holds. No plan is so long, but a start may be mistyped by a century.

Status = WarmupPlan.Status


def turn(plan: WarmupPlan, at: datetime) -> None:
    """Let the plan's counts be those of the hour and day of `at`.

    Hours never go back: a clock that is set back finds the hour that it has been in, as used as it was.
    """
    hour = max(hour_of(at), plan.hour or hour_of(at))
    if hour != plan.hour:
        plan.hour, plan.used_this_hour = hour, 0
    day = day_of(plan, hour)
    if day != plan.day:
        plan.day, plan.used_today = day, 0


def room(plan: WarmupPlan) -> float:
    """How many more may go out in its hour; infinity when the plan is over."""
    if plan.status == Status.FROZEN:
        return 0
    caps = caps_on(plan, plan.day)
    return max(0, min(caps.hourly - plan.used_this_hour, caps.daily - plan.used_today)) if caps else inf


def use(plan: WarmupPlan, mails: int, at: datetime) -> None:
    """So many have gone out."""
    plan.used_this_hour += mails
    plan.used_today += mails
    if mails:
        plan.last_used_at = at


def caps_on(plan: WarmupPlan, day: int) -> Caps | None:
    """The caps of a day; of one that was left out, those of the day before. None: the plan is over by then."""
    if day < 1:
        return Caps(0, 0)
    days = sorted(plan.days.all(), key=lambda row: row.day)
    if not days or day > days[-1].day:
        return None
    row = next((row for row in reversed(days) if row.day <= day), days[0])
    return Caps(row.hourly, row.daily)


def is_over(plan: WarmupPlan) -> bool:
    return caps_on(plan, plan.day) is None


def last_goes_out(plan: WarmupPlan, waiting: int) -> datetime | None:
    """The hour in which the last of `waiting` mails goes, if no others do. None while the plan is frozen."""
    if plan.status == Status.FROZEN or plan.hour is None:
        return None
    hour, day = plan.hour, plan.day
    left_this_hour, left_today = room(plan), (caps_on(plan, day) or Caps(0, 0)).daily - plan.used_today
    while waiting > left_this_hour:
        waiting -= int(left_this_hour)
        left_today -= int(left_this_hour)
        hour += HOUR
        caps = caps_on(plan, day_of(plan, hour))
        if caps is None:
            break  # From now on everything may go.
        if day_of(plan, hour) != day:
            day, left_today = day_of(plan, hour), caps.daily
        left_this_hour = max(0, min(caps.hourly, left_today))
    return hour


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def day_of(plan: WarmupPlan, hour: datetime) -> int:
    """Counted from 1; 0 before the plan begins."""
    return min(LAST_DAY, max(0, (hour - hour_of(plan.started_at)) // DAY + 1))


def began_at(plan: WarmupPlan, day: int) -> datetime:
    return hour_of(plan.started_at) + (day - 1) * DAY
