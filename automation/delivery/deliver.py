"""The deliver pump: keep each account's window of calls full, and settle what comes back. It alone faces the ESPs.

claim (a transaction) → begin marks → calls (in threads, no transaction open) → settle (a transaction).
"""

from collections.abc import Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from automation.core.lanes import Lane
from automation.core.pump import BUDGET
from automation.core.wake import forget_wake, is_waiting, wake
from automation.delivery.models import EspAccount
from automation.delivery.window import Done, Window

# How late a lower lane notices that a higher one waits. Shorter costs a question to Redis for every few mails.
PRECEDENCE_S = 0.02
# What is claimed and not begun so long after a run should have ended, since calls hang, is handed back. Longer, and a
# worker that is asked to stop begins calls for as long; shorter, and claims of a merely slow ESP are made twice.
DRAIN_S = 2.0


def deliver(*, lane: Lane, budget: timedelta = BUDGET) -> int:
    """Send what is due in this lane, through the active accounts, until nothing is due or the budget is spent.

    Returns how many messages were settled. Every call that was begun is settled before this returns or raises, unless
    the database stays away; that takes the budget, DRAIN_S and one call's time-outs at most, so a worker that is asked
    to stop has nothing sent and unrecorded. A lower lane gives way when a higher one is waiting.
    """
    forget_wake(lane.pump)
    done: Done = SimpleQueue()
    windows = [Window(account, lane, done) for account in EspAccount.objects.with_due(lane)]
    end = monotonic() + budget.total_seconds()
    precedence = _Precedence(lane)
    try:
        while not _finished(windows, may_claim=(may_claim := monotonic() < end and not precedence.gives_way())):
            for window in windows:
                window.fill(may_claim=may_claim)
                if monotonic() > end + DRAIN_S:
                    window.hand_back()
            _round(windows, done)
    except BaseException:
        for window in windows:
            window.stop()
        while not _finished(windows, may_claim=False):
            _round(windows, done)
        raise
    finally:
        for window in windows:
            window.close()
    if not all(window.exhausted for window in windows):
        wake(lane.pump)
    return sum(window.settled for window in windows)


def _finished(windows: Sequence[Window], *, may_claim: bool) -> bool:
    return all(window.idle and (window.exhausted or not may_claim) for window in windows)


def _round(windows: Sequence[Window], done: Done) -> None:
    """Wait for a result, take in all that have come, settle what is due."""
    try:
        window, call, results = done.get(timeout=min(window.patience for window in windows))
        while True:
            window.land(call, results)
            window, call, results = done.get_nowait()
    except Empty:
        pass
    for window in windows:
        window.settle_if_due()


class _Precedence:
    """Whether a higher lane is waiting. Asked of Redis now and then, not in every round."""

    def __init__(self, lane: Lane) -> None:
        self._higher = [one.pump for one in list(Lane)[: list(Lane).index(lane)]]
        self._waiting = False
        self._ask_again = 0.0

    def gives_way(self) -> bool:
        now = monotonic()
        if now >= self._ask_again:
            self._ask_again = now + PRECEDENCE_S
            self._waiting = any(is_waiting(pump) for pump in self._higher)
        return self._waiting
