"""What Celery runs for this app."""

from time import monotonic

from celery import shared_task

from suppression.lists.take_in import take_in_next
from suppression.retain import retain

# The next beat goes on where this ends, so that whatever shares the worker gets its turn.
BUDGET_S = 8.0


@shared_task(name="suppression.take_in")
def take_in() -> None:
    end = monotonic() + BUDGET_S
    while take_in_next() and monotonic() < end:
        pass


@shared_task(name="suppression.retain")
def retain_some() -> None:
    end = monotonic() + BUDGET_S
    while retain() and monotonic() < end:
        pass
