"""The deliver pump: keep each account's window of calls full, and settle what comes back. It alone faces the ESPs.

claim (a transaction) → begin marks → calls (in threads, no transaction open) → settle (a transaction).
"""

from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from automation.core.lanes import Lane
from automation.core.pump import BUDGET
from automation.core.stopping import is_stopping
from automation.core.wake import forget_wake, is_waiting, wake
from automation.delivery.models import EspAccount
from automation.delivery.window import Done, Window

# How late a lower lane notices that a higher one waits. Shorter costs a question to Redis for every few mails.
PRECEDENCE_S = 0.02
# What is claimed and not begun so long after a turn should have ended, since calls hang, is handed back. Longer, and a
# worker that is asked to stop begins calls for as long; shorter, and claims of a merely slow ESP are made twice.
DRAIN_S = 2.0


def deliver(*, lane: Lane, budget: timedelta = BUDGET) -> int:
    """Send what is due in this lane, through the active accounts, until nothing is due or the budget is spent.

    Returns how many messages were settled. Every call that was begun is settled before this returns or raises, unless
    the database stays away. While the calls of an account hang, the others take further turns. A worker that is asked
    to stop takes none, so that it has nothing sent and unrecorded after the budget, DRAIN_S and one call's time-outs at
    most. A lower lane gives way when a higher one is waiting.
    """
    forget_wake(lane.pump)
    run = _Run(lane)
    try:
        run.take_turn(budget)
        while run.hangs and not is_stopping():
            run.take_turn(budget)
        run.drain()
    except BaseException:
        run.stop()
        run.drain()
        raise
    finally:
        run.close()
    if run.left_some:
        wake(lane.pump)
    return run.settled


class _Run:
    """The windows of one run, and of which the calls hang."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._done: Done = SimpleQueue()
        self._precedence = _Precedence(lane)
        self._windows: list[Window] = []
        self.settled = 0
        self.left_some = False

    @property
    def hangs(self) -> bool:
        return any(not window.idle for window in self._windows)

    def take_turn(self, budget: timedelta) -> None:
        """Send what is due through the accounts whose calls do not hang from a turn before."""
        self._close_idle()
        for window in self._windows:
            window.hand_back()
        hanging = {window.account.pk for window in self._windows}
        turn = [
            Window(account, self._lane, self._done)
            for account in EspAccount.objects.with_due(self._lane)
            if account.pk not in hanging
        ]
        self._windows += turn
        end = monotonic() + budget.total_seconds()
        while (now := monotonic()) < end + DRAIN_S:
            may_claim = now < end and not self._precedence.gives_way()
            is_done = all(window.idle and (window.exhausted or not may_claim) for window in turn)
            if is_done and (now >= end or not self.hangs):
                return
            for window in turn:
                window.fill(may_claim=may_claim)
            self._land_and_settle()

    def drain(self) -> None:
        """Wait for the calls under way. Nothing more is begun."""
        while self.hangs:
            for window in self._windows:
                window.hand_back()
            self._land_and_settle()

    def stop(self) -> None:
        for window in self._windows:
            window.stop()

    def close(self) -> None:
        """Give back what is not used, also if calls are still under way."""
        for window in self._windows:
            window.close()
        self._close_idle()

    def _close_idle(self) -> None:
        for window in self._windows:
            if window.idle:
                window.close()
                self.settled += window.settled
                self.left_some = self.left_some or not window.exhausted
        self._windows = [window for window in self._windows if not window.idle]

    def _land_and_settle(self) -> None:
        """Wait for a result, take in all that have come, settle what is due."""
        try:
            window, call, results = self._done.get(timeout=min(window.patience for window in self._windows))
            while True:
                window.land(call, results)
                window, call, results = self._done.get_nowait()
        except Empty:
            pass
        for window in self._windows:
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
