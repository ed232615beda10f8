"""Progress: how a plan gets on, for those who look at it."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Sum

from automation.delivery.models import Message, Tally, WarmupPlan
from automation.delivery.warmup.caps import began_at, caps_on, day_of
from automation.delivery.warmup.freeze import Counts
from automation.delivery.warmup.presets import Caps


class Day(NamedTuple):
    number: int
    caps: Caps
    counts: Counts | None  # None: it has not begun.


def progress(plan: WarmupPlan) -> list[Day]:
    """Day 1 to the last, with what has become of each one's mail. `plan` has turned to now. Two statements."""
    counts = _counts_by_day(plan)
    last = max((row.day for row in plan.days.all()), default=0)
    return [
        Day(number, caps, counts[number] if number <= plan.day else None)
        for number in range(1, last + 1)
        if (caps := caps_on(plan, number))
    ]


def _counts_by_day(plan: WarmupPlan) -> dict[int, Counts]:
    tallies = Tally.objects.filter(account=plan.account_id, sender__email__iendswith=f"@{plan.domain}")
    hours = tallies.filter(hour__gte=began_at(plan, 1)).values_list("hour")
    by_day: dict[int, Counts] = defaultdict(Counts)
    for hour, *sums in hours.annotate(*(Sum(name) for name in Counts._fields)):
        day = day_of(plan, hour)
        by_day[day] = Counts(*(before + more for before, more in zip(by_day[day], sums, strict=True)))
    return by_day


def count_held(plan: WarmupPlan) -> int:
    """How many messages wait for it. One statement: 0.2 s for a million."""
    held = Message.objects.filter(status=Message.Status.HELD, account=plan.account_id)
    return held.filter(sender__email__iendswith=f"@{plan.domain}").count()


def plan_of(message: Message) -> WarmupPlan | None:
    """The unfinished plan that a held message waits for. Two statements, with its days."""
    plans = WarmupPlan.objects.unfinished().prefetch_related("days")
    return plans.filter(account=message.account_id, domain=message.sender.domain).first()
