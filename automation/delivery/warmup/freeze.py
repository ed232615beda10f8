"""Freeze: whether a plan's bounces or complaints are too many for mailbox providers to trust it with more."""

from typing import NamedTuple

from django.db.models import Sum

from automation.delivery.models import Tally, WarmupPlan
from automation.delivery.warmup.caps import began_at

# One person says nothing about a rate: below 1,000 mails, a single complaint would be over 0.1 %.
MIN_REPORTS = 2


class Counts(NamedTuple):
    """What has become of a plan's mail."""

    accepted: int = 0
    hard_bounced: int = 0
    complained: int = 0


def why_freeze(plan: WarmupPlan, counts: Counts) -> str:
    """What speaks against sending more, in a person's words; empty if nothing does. Pure."""
    if not counts.accepted or counts.accepted < plan.min_volume:
        return ""
    rates = [
        ("hard bounces", counts.hard_bounced, plan.max_bounce_percent),
        ("complaints", counts.complained, plan.max_complaint_percent),
    ]
    return next(
        (
            f"{what}: {number:,} of {counts.accepted:,} mails, {percent(number, counts.accepted):.2f} %, on day"
            f" {plan.day}; the plan allows {limit:g} %"
            for what, number, limit in rates
            if number >= MIN_REPORTS and percent(number, counts.accepted) > limit
        ),
        "",
    )


def counts_of_today(plan: WarmupPlan) -> Counts:
    """Since the plan's day began, or since it was last resumed, if that is later. One statement."""
    began = began_at(plan, plan.day)
    since = max(began, plan.rates_from or began)
    tallies = Tally.objects.filter(account=plan.account_id, sender__email__iendswith=f"@{plan.domain}", hour__gte=since)
    sums = tallies.aggregate(**{name: Sum(name, default=0) for name in Counts._fields})
    return Counts(**sums)


def percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
