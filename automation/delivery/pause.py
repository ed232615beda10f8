"""Pausing an account: its messages stay queued until an operator resumes it."""

import structlog

from automation.delivery.models import EspAccount

log = structlog.get_logger(__name__)


def pause_account(account: EspAccount, *, reason: str) -> None:
    """Pause it, unless it is paused already. Idempotent; whoever comes first gives the reason."""
    paused = EspAccount.objects.filter(pk=account.pk, status=EspAccount.Status.ACTIVE).update(
        status=EspAccount.Status.PAUSED, paused_reason=reason
    )
    if paused:
        log.error("account_paused", account=account.key, reason=reason)
