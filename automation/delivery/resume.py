"""Resuming an account: the operator has seen to what stopped it."""

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import EspAccount

log = structlog.get_logger(__name__)


@transaction.atomic
def resume_account(account: EspAccount) -> bool:
    """Send through it again, beginning with what stayed queued; its breaker is closed, too. Wakes on commit.

    False if it was neither paused nor stopped by its breaker.
    """
    stopped = EspAccount.objects.filter(Q(status=EspAccount.Status.PAUSED) | Q(trips__gt=0), pk=account.pk)
    resumed = stopped.update(
        status=EspAccount.Status.ACTIVE,
        paused_reason="",
        paused_by="",
        paused_at=None,
        brakes_from=Now(),
        open_until=Now(),  # Calls that failed before do not count any more.
        trips=0,
        trip_reason="",
    )
    if resumed:
        log.info("account_resumed", account=account.key)
        for lane in Lane:
            wake(lane.pump)
    return resumed == 1
