"""What Celery runs for this app: wake-up calls for its pumps."""

from celery import shared_task

from automation.core import pump
from webhooks.digest import digest_due_webhooks
from webhooks.retain import RETAIN, retain
from webhooks.store import PUMP
from webhooks.sweep import SWEEP, sweep_calls


@shared_task(name=PUMP)
def digest() -> None:
    pump.run(PUMP, digest_due_webhooks)


@shared_task(name=SWEEP)
def sweep() -> None:
    pump.run(SWEEP, sweep_calls)


@shared_task(name=RETAIN)
def retain_some() -> None:
    pump.run(RETAIN, retain)
