"""The loop that all pumps share: claim a batch, work, settle, until nothing is due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.utils import timezone

from automation.core.text import storable
from automation.core.wake import forget_wake, is_waiting, wake

log = structlog.get_logger(__name__)

# A run that finds work without end stops after this time, so that a pump that shares its worker gets its turn.
BUDGET = timedelta(seconds=1)
# After work, how long until a pump looks once more before it ends. Longer delays the odd row by so much; shorter, and
# a steady stream of single rows costs a Celery task each, which is as much as the work itself.
LINGER_S = 0.01
LONGEST_LINGER_S = 0.1
# A batch of so many was worth its transaction; go on at once.
LINGER_BELOW = 20
# A row that fails alone this often is set aside. Its pauses (2 s, 4 s, 8 s, 16 s) outlast a deploy's hiccup.
MAX_ATTEMPTS = 5

Row = TypeVar("Row", bound=models.Model)


def run(pump: str, step: Callable[[], int], *, budget: timedelta = BUDGET, gives_way_to: str = "") -> int:
    """Call `step` until it reports no work or the budget is spent; then wake the next run. Returns rows handled.

    Between calls it lingers, so that rows that come one by one are handled a few at a time. A pump that shares its
    worker with a more urgent one ends its run when that one is waiting.
    """
    forget_wake(pump)  # First, so that a row committed from now on causes a new wake.
    began = monotonic()
    end = began + budget.total_seconds()
    handled = 0
    while count := step():
        now = monotonic()
        handled += count
        if now > end or (gives_way_to and is_waiting(gives_way_to)):
            wake(pump)
            break
        if count < LINGER_BELOW:
            sleep(linger(now - began))
        began = monotonic()
    return handled


def linger(took: float) -> float:
    """How long to wait for more rows after a small batch that took so long, in seconds.

    Twice as long again, at least: where the machine is busy everything takes longer, so batches grow until it keeps up.
    """
    return min(max(LINGER_S, 2 * took), LONGEST_LINGER_S)


def transact(claim: Callable[[], Sequence[Row]], work: Callable[[Sequence[Row]], None]) -> int:
    """Claim rows and work on them, all in one transaction. Returns how many were claimed.

    One poison row must not hold its batch: if `work` fails, the batch is claimed again and worked off row by row
    under savepoints, and a row that fails alone is set back, in the end aside. `work` may change nothing but the
    database, since it may be rolled back.
    """
    try:
        with transaction.atomic():
            if rows := claim():
                work(rows)
            return len(rows)
    except (OperationalError, InterfaceError):
        raise  # The database's fault, not a row's.
    except Exception as error:  # noqa: BLE001 - whatever a row can make us stumble over.
        log.warning("batch_failed", error=type(error).__name__)
    with transaction.atomic():
        rows = claim()
        for row in rows:
            _work_alone(row, work)
        return len(rows)


def _work_alone(row: Row, work: Callable[[Sequence[Row]], None]) -> None:
    try:
        with transaction.atomic():
            work([row])
            connection.check_constraints()  # Now, while we know whose it is: foreign keys else wait for the commit.
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # As above; this time we know whose it is.
        log.warning("row_failed", model=row._meta.label, pk=str(row.pk), error=type(error).__name__, exc_info=True)
        set_back(row, error, at=timezone.now())


def set_back(row: models.Model, error: Exception, *, at: datetime) -> None:
    """Try `row` again later, or set it aside if it was tried often enough. Any model with the fields named below."""
    attempts = row.attempts + 1  # type: ignore[attr-defined]
    fields: dict[str, object] = {"attempts": attempts, "due_at": at + timedelta(seconds=2**attempts)}
    if attempts >= MAX_ATTEMPTS:
        fields |= {"status": "set_aside", "failure": storable(f"{type(error).__name__}: {error}", limit=2000)}
    type(row)._meta.base_manager.filter(pk=row.pk).update(**fields)
