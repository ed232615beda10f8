"""What Celery runs for this app."""

from collections.abc import Callable
from time import monotonic

from celery import shared_task

from suppression.lists.take_in import take_in_next
from suppression.retain import retain

# The next beat goes on where this ends, so that whatever shares the worker gets its turn.
BUDGET_S = 8.0


@shared_task(name="suppression.take_in")
def take_in() -> None:
    _run(take_in_next)


@shared_task(name="suppression.retain")
def retain_some() -> None:
    _run(retain)


def _run(step: Callable[[], object]) -> None:
    """Until there is nothing left to do, or the budget is spent."""
    end = monotonic() + BUDGET_S
    while step() and monotonic() < end:
        pass
