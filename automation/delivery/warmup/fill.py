"""Fill: give a plan the days of a preset."""

from collections.abc import Sequence

from django.db import transaction

from automation.core.wake import wake
from automation.delivery.models import WarmupDay, WarmupPlan
from automation.delivery.warmup.hold import TASK
from automation.delivery.warmup.presets import Caps


@transaction.atomic
def fill(plan: WarmupPlan, days: Sequence[Caps]) -> None:
    """Replace the days of `plan`, which stays on the day that it is on. Wakes on commit."""
    plan.days.all().delete()
    WarmupDay.objects.bulk_create(
        WarmupDay(plan=plan, day=number, hourly=caps.hourly, daily=caps.daily) for number, caps in enumerate(days, 1)
    )
    wake(TASK)
