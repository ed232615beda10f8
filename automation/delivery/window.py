"""A window of calls under way: what one run of the deliver pump holds of one account."""

from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from time import monotonic, sleep

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.pump import LINGER_S
from automation.core.wake import wake
from automation.delivery import marks, pace
from automation.delivery.claim import LEASE, Claimed, claim
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome
from automation.delivery.pause import pause_account
from automation.delivery.send import TIMEOUTS_S, Result, Sender, sender_for
from automation.delivery.settle import backoff, settle

log = structlog.get_logger(__name__)

# The most that is claimed at once. Larger, and an opt-out that comes after the claim is obeyed by fewer; smaller, and
# statements per mail grow.
MAX_CLAIM = 100
# A claim is made no larger than what goes out in this time, so that slow ESPs do not make us hold messages for long.
AHEAD_S = 0.25
# When less was due than could be sent, how soon to look again. Shorter, and a steady stream of single messages costs a
# claim each; longer delays the odd message by so much.
LOOK_AGAIN_S = LINGER_S
# The longest sleep of the pump's thread: how late it notices that tokens were refilled or results have waited enough.
ROUND_S = 0.02
# If the bucket stays empty for longer, the run ends, and the heartbeat brings the next.
PATIENCE_S = 1.0
# Results are settled when so many are at hand, or the oldest has waited so long. Larger, and a killed worker leaves
# more sent messages unrecorded (uncertain until the ESP's webhook tells); smaller, and each costs more.
SETTLE_COUNT = 32
SETTLE_AFTER_S = 0.1
# How long results are held while the database is away; then they are given up, and the reaper will find them begun.
HOLD_RESULTS_S = 60.0
# Claims older than this are not begun any more: the call could outlast the lease.
BEGIN_WITHIN_S = LEASE.total_seconds() - sum(TIMEOUTS_S) - 5.0
if BEGIN_WITHIN_S <= 0:
    raise ImproperlyConfigured(f"DELIVERY_LEASE_S must be over {sum(TIMEOUTS_S) + 5:.0f}: a lease must outlast a call.")


class Window:
    """Used by the pump's thread alone; only `done` is shared with the sender threads."""

    def __init__(self, account: EspAccount, lane: Lane, done: "SimpleQueue[tuple[Window, Result]]") -> None:
        self.account = account
        self.settled = 0
        self.exhausted = False  # Nothing more is due, or nothing more may be sent for now.
        self._lane = lane
        self._done = done
        self._sender: Sender = sender_for(account)
        self._claimed: deque[tuple[Claimed, float]] = deque()  # With the time of the claim.
        self._in_flight = 0
        self._results: list[Result] = []
        self._oldest_result = 0.0
        self._look_again = 0.0
        self._claimed_at = monotonic()
        self._landed_since = 0
        self._tokens = 0  # Granted and not used yet; what is left at the end goes back.

    @property
    def idle(self) -> bool:
        """No call is under way and nothing waits to be begun or settled."""
        return not (self._in_flight or self._claimed or self._results)

    @property
    def patience(self) -> float:
        """How long the pump may wait for a result until this window wants to be looked after, in seconds."""
        until_look = max(0.0, self._look_again - monotonic())
        return min(ROUND_S, until_look) if self.idle else ROUND_S

    def fill(self, *, may_claim: bool) -> None:
        """Claim if there is room, then begin calls while threads are free."""
        now = monotonic()
        size = self._size(now)
        held = len(self._claimed) + self._in_flight
        # Few and large claims are cheap, but the threads must not run dry while one is made.
        has_room = held <= max(self.account.concurrency, size // 4)
        if may_claim and has_room and now >= self._look_again and not (self.exhausted and self.idle):
            self._claim(size - held, now)
        free = self.account.concurrency - self._in_flight
        # Begin marks cost one round trip a batch, so wait until half of the threads are free.
        if self._claimed and free >= (self.account.concurrency + 1) // 2:
            self._begin(free)

    def land(self, result: Result) -> None:
        """A call has come back."""
        if not self._results:
            self._oldest_result = monotonic()
        self._in_flight -= 1
        self._landed_since += 1
        self._results.append(result)

    def settle_if_due(self) -> None:
        waited = monotonic() - self._oldest_result > SETTLE_AFTER_S
        if self._results and (waited or not self._in_flight or len(self._results) >= SETTLE_COUNT):
            results, self._results = self._results, []
            _settle_patiently(results, self.account)
            marks.forget([one.claimed.claim for one in results])
            self.settled += len(results)
            self._heed(results)

    def close(self) -> None:
        """The run is over: what it did not use goes back."""
        pace.give_back(self.account, self._tokens)
        self._tokens = 0

    def stop(self) -> None:
        """Claim and begin nothing more. What was claimed and not begun goes back when its lease runs out."""
        self.exhausted = True
        self._look_again = float("inf")
        self._claimed.clear()

    def _size(self, now: float) -> int:
        elapsed = now - self._claimed_at
        rate = self._landed_since / elapsed if elapsed > 0 else 0.0
        return max(3 * self.account.concurrency, min(MAX_CLAIM, int(rate * AHEAD_S)))

    def _claim(self, wanted: int, now: float) -> None:
        if self._tokens < wanted:
            grant = pace.take(self.account, self._lane, wanted - self._tokens)
            self._tokens += grant.tokens
            if not self._tokens:
                self._look_again = now + min(grant.next_in_s, PATIENCE_S)
                self.exhausted = grant.next_in_s > PATIENCE_S
                return
        limit = min(wanted, self._tokens)
        due, claimed = claim(account=self.account, lane=self._lane, limit=limit, epoch=marks.recent_epoch())
        self._tokens -= len(claimed)
        self._claimed.extend((one, now) for one in claimed)
        self._claimed_at, self._landed_since = now, 0
        self.exhausted = due == 0
        self._look_again = now + LOOK_AGAIN_S if due < limit else now
        if due == limit:  # There may be more than this process can hold: let another join, if one is free.
            wake(self._lane.pump)

    def _begin(self, free: int) -> None:
        too_late = monotonic() - BEGIN_WITHIN_S
        batch = [self._claimed.popleft() for _ in range(min(free, len(self._claimed)))]
        in_time = {one.claim: one for one, at in batch if at > too_late}
        for allowed in marks.begin(list(in_time)):
            self._in_flight += 1
            self._sender.submit(in_time[allowed], lambda result: self._done.put((self, result)))

    def _heed(self, results: Sequence[Result]) -> None:
        """What some outcomes mean for the account as a whole."""
        for one in results:
            if one.result.outcome is Outcome.ACCOUNT:
                pause_account(self.account, reason=one.result.detail)
                self.stop()
            elif one.result.outcome in (Outcome.THROTTLED, Outcome.NEVER_LEFT):
                until = one.result.retry_at or backoff(self.account, one.claimed.attempt, timezone.now())
                pace.close(self.account, until)


def _settle_patiently(results: Sequence[Result], account: EspAccount) -> None:
    """What the ESP has taken must be written down, so a database that is away is waited for."""
    give_up = monotonic() + HOLD_RESULTS_S
    while True:
        try:
            return settle(results, account)
        except (OperationalError, InterfaceError) as error:
            if monotonic() > give_up:
                raise
            log.warning("settle_waits_for_database", results=len(results), error=type(error).__name__)
            connection.close()
            sleep(0.5)
