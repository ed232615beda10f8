"""A window of calls under way: what one run of the deliver pump holds of one account."""

from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.pump import LINGER_S
from automation.core.wake import wake
from automation.delivery import marks, pace
from automation.delivery.breaker import Breaker
from automation.delivery.calls import BEGIN_AFTER_S, Calls
from automation.delivery.claim import claim
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome
from automation.delivery.pause import pause_account
from automation.delivery.send import Call, Result
from automation.delivery.settle import backoff
from automation.delivery.unsettled import Unsettled

# When less was due than could be sent, how soon to look again. Shorter, and a steady stream of single messages costs a
# claim each; longer delays the odd message by so much.
LOOK_AGAIN_S = LINGER_S
# How long after the last message that was due to look for more before the run ends: a Celery task costs as much as ten
# looks. Longer, and a worker that has nothing to do is busy for so long.
STAY_S = 0.05
# The longest sleep of the pump's thread: how late it notices that tokens were refilled or results have waited enough.
ROUND_S = 0.02
# If the bucket stays empty for longer, the run ends, and the heartbeat brings the next.
PATIENCE_S = 1.0

Done = SimpleQueue[tuple["Window", Call, list[Result]]]


class Window:
    """Used by the pump's thread alone; only `done` is shared with the sender threads."""

    def __init__(self, account: EspAccount, lane: Lane, done: Done) -> None:
        self.account = account
        self.settled = 0
        self.exhausted = False  # Nothing more is due, or nothing more may be sent for now.
        self._lane = lane
        self._calls = Calls(account, lambda call, results: done.put((self, call, results)))
        self._breaker = Breaker(account)
        self._unsettled = Unsettled(account)
        self._look_again = 0.0
        self._due_seen_at = float("-inf")
        self._closed_until = timezone.now()  # What the ESP has asked for.
        self._tokens = 0  # Granted and not used yet; what is left at the end goes back.

    @property
    def idle(self) -> bool:
        """No call is under way and nothing waits to be begun or settled."""
        return self._calls.idle and not self._unsettled

    @property
    def patience(self) -> float:
        """How long the pump may wait for a result until this window wants to be looked after, in seconds."""
        if self._calls.could_begin:
            return BEGIN_AFTER_S
        return min(ROUND_S, max(0.0, self._look_again - monotonic())) if self.idle else ROUND_S

    def fill(self, *, may_claim: bool) -> None:
        """Begin calls while threads are free, and claim while there is room for more."""
        self._calls.begin_if_worth_it()
        while may_claim and self._claim_if_room():
            self._calls.begin_if_worth_it()
        self._calls.begin_if_worth_it()

    def land(self, call: Call, results: Sequence[Result]) -> None:
        """A call has come back. What it says of the account is heeded before it is written down."""
        if not self._calls.land(call, results):
            return
        self._unsettled.add(results)
        self._breaker.see(results)
        outcomes = {one.result.outcome: one for one in results if not one.result.untried}
        if Outcome.ACCOUNT in outcomes or self._breaker.has_tripped:
            self.stop()
        for outcome in (Outcome.THROTTLED, Outcome.NEVER_LEFT):
            if one := outcomes.get(outcome):
                self._rest(one)

    def settle_if_due(self) -> None:
        for call, results in self._calls.give_up_overdue():
            self.land(call, results)
        settled = self._unsettled.settle_if_due(no_more_to_come=not self._calls.any_under_way)
        if settled:
            marks.settled([one.claimed.claim for one in settled])
            self.settled += len(settled)
            self._pause_if_refused(settled)
            self._breaker.act()

    def stop(self) -> None:
        """Claim and begin nothing more."""
        self.exhausted = True
        self._look_again = float("inf")
        self.hand_back()

    def hand_back(self) -> None:
        """Begin nothing of what is claimed: it is queued again, for whoever can send it."""
        with suppress(OperationalError, InterfaceError):  # Then it waits until its lease runs out.
            self._tokens += self._calls.hand_back()

    def close(self) -> None:
        """The run is over: what it did not use goes back."""
        pace.give_back(self.account, self._tokens)
        self._tokens = 0

    def _claim_if_room(self) -> bool:
        """Claim if it is worth while. True: all that was asked for was due, so there may be more."""
        now, wanted = monotonic(), self._calls.room
        if not wanted or now < self._look_again or (self.exhausted and self.idle):
            return False
        limit = self._allowed(wanted, now)
        if not limit:
            return False
        due, claimed = claim(account=self.account, lane=self._lane, limit=limit, epoch=marks.recent_epoch())
        self._breaker.claimed(len(claimed))
        self._tokens -= len(claimed)
        self._calls.add(claimed)
        if due:
            self._due_seen_at = now
        since = now - self._due_seen_at
        self.exhausted = since > STAY_S
        if due < limit:
            self._look_again = now + max(LOOK_AGAIN_S, min(since, STAY_S))  # Ever less often, the longer nothing came.
            return False
        wake(self._lane.pump)  # There may be more than this process can hold: let another join, if one is free.
        return True

    def _allowed(self, wanted: int, now: float) -> int:
        """How many of them the bucket and the breaker let go."""
        if self._tokens < wanted:
            grant = pace.take(self.account, self._lane, wanted - self._tokens)
            self._tokens += grant.tokens
            if not self._tokens:
                self._look_again = now + min(grant.next_in_s, PATIENCE_S)
                self.exhausted = grant.next_in_s > PATIENCE_S
                return 0
        allowed = self._breaker.allow(min(wanted, self._tokens))
        self.exhausted = not allowed
        return allowed

    def _rest(self, one: Result) -> None:
        """The ESP has asked for a pause, or cannot be reached: close the bucket, and begin nothing until it opens."""
        at = timezone.now()
        until = one.result.retry_at or backoff(self.account, one.claimed.attempt, at)
        if until <= self._closed_until:
            return
        self._closed_until = until
        pace.close(self.account, until)
        self.hand_back()
        self._tokens = 0  # A closed bucket holds none.
        pause_s = (until - at).total_seconds()
        self._look_again = max(self._look_again, monotonic() + min(pause_s, PATIENCE_S))
        self.exhausted = self.exhausted or pause_s > PATIENCE_S

    def _pause_if_refused(self, settled: Sequence[Result]) -> None:
        refused = next((one.result for one in settled if one.result.outcome is Outcome.ACCOUNT), None)
        if refused is not None:
            by = f"ESP answered {refused.status_code}" if refused.status_code else "Signalpost"
            pause_account(self.account, reason=refused.why, by=by)
