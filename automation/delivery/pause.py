"""Pausing an account: its messages wait, or move to where routes lead, until an operator resumes it."""

import structlog
from django.db.models.functions import Now

from automation.core.wake import wake
from automation.delivery.models import EspAccount

log = structlog.get_logger(__name__)


def pause_account(account: EspAccount, *, reason: str, by: str = "Signalpost") -> bool:
    """Pause it, unless it is paused already. Idempotent; whoever comes first gives the reason. False: not the first.

    `by` is a user's name, or says what did it. Wakes failover.
    """
    paused = EspAccount.objects.filter(pk=account.pk, status=EspAccount.Status.ACTIVE).update(
        status=EspAccount.Status.PAUSED, paused_reason=reason, paused_by=by[:150], paused_at=Now()
    )
    if paused:
        log.error("account_paused", account=account.key, reason=reason, by=by)
        wake("automation.reap")
    return paused == 1
