"""Resuming an account: the operator has seen to what it was paused for."""

import structlog
from django.db import transaction

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import EspAccount

log = structlog.get_logger(__name__)


@transaction.atomic
def resume_account(account: EspAccount) -> bool:
    """Send through it again, beginning with what stayed queued. False if it was not paused. Wakes on commit."""
    resumed = EspAccount.objects.filter(pk=account.pk, status=EspAccount.Status.PAUSED).update(
        status=EspAccount.Status.ACTIVE, paused_reason=""
    )
    if resumed:
        log.info("account_resumed", account=account.key)
        for lane in Lane:
            wake(lane.pump)
    return resumed == 1
