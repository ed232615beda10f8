"""Hold: which mail waits for a warm-up from the moment it is composed."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.models import WarmupPlan

# The task that tends the plans. Beat calls it once a minute.
TASK = "automation.warmup"
# What the reason of a held message says.
WARMING_UP = "warming_up"


class Holds(NamedTuple):
    """What the unfinished plans mean for mail that is composed now."""

    domains: Collection[tuple[int, str]]  # Account and sending domain of each plan.
    wake: bool  # One of them may have room.

    def hold(self, account_id: int, domain: str, lane: str) -> bool:
        """Must such a mail wait? Transactional mail never does."""
        return lane != Lane.TRANSACTIONAL and (account_id, domain) in self.domains


NO_HOLDS = Holds((), wake=False)


def read_holds() -> Holds:
    """One statement."""
    plans = list(WarmupPlan.objects.unfinished())
    now = timezone.now()
    return Holds(
        {(plan.account_id, plan.domain) for plan in plans},
        wake=any(
            plan.status == WarmupPlan.Status.RUNNING and not (plan.full_until and plan.full_until > now)
            for plan in plans
        ),
    )
