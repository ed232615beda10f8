"""What Celery runs for this app: a wake-up call for the digest pump."""

from celery import shared_task

from automation.core import pump
from webhooks.digest import digest_due_webhooks
from webhooks.store import PUMP


@shared_task(name=PUMP)
def digest() -> None:
    pump.run(PUMP, digest_due_webhooks)
