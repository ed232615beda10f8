"""Results that are not written down yet. What the ESP has taken must be, so a database that is away is waited for."""

from collections.abc import Sequence
from time import monotonic

import structlog
from django.db import InterfaceError, OperationalError, connection

from automation.delivery.models import EspAccount
from automation.delivery.send import Result
from automation.delivery.settle import settle

log = structlog.get_logger(__name__)

# Results are settled when so many are at hand, or the oldest has waited so long. Larger, and a killed worker leaves
# more sent messages unrecorded (uncertain until the ESP's webhook tells); smaller, and each costs more.
SETTLE_COUNT = 32
SETTLE_AFTER_S = 0.1
# How long results are held while the database is away, counted from when it was first missed and not from each batch.
# Then they are given up, and the reaper finds their calls begun.
HOLD_S = 60.0
RETRY_S = 0.5


class Unsettled:
    """One account's results, within one run of the deliver pump. All runs of this process share one patience."""

    def __init__(self, account: EspAccount) -> None:
        self._account = account
        self._results: list[Result] = []
        self._oldest = 0.0
        _outage.end()  # Whoever begins a run has just heard from the database.

    def __bool__(self) -> bool:
        return bool(self._results)

    def add(self, results: Sequence[Result]) -> None:
        if not self._results:
            self._oldest = monotonic()
        self._results += results

    def settle_if_due(self, *, no_more_to_come: bool) -> list[Result]:
        """Returns what was settled. Raises the database's error once it has been away for HOLD_S."""
        waited = monotonic() - self._oldest > SETTLE_AFTER_S
        is_due = waited or no_more_to_come or len(self._results) >= SETTLE_COUNT
        if not (self._results and is_due and _outage.may_try()):
            return []
        try:
            settle(self._results, self._account)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if _outage.lasts_too_long():
                self._results = []
                raise
            log.warning("settle_waits_for_database", results=len(self._results), error=type(error).__name__)
            return []
        _outage.end()
        settled, self._results = self._results, []
        return settled


class _Outage:
    """Since when this process misses the database."""

    def __init__(self) -> None:
        self.end()

    def end(self) -> None:
        self._since = self._tried_at = float("-inf")

    def may_try(self) -> bool:
        return monotonic() - self._tried_at >= RETRY_S

    def lasts_too_long(self) -> bool:
        """The database was missed just now."""
        self._tried_at = monotonic()
        if self._since == float("-inf"):
            self._since = self._tried_at
        return self._tried_at - self._since > HOLD_S


_outage = _Outage()
