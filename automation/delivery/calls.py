"""A window's calls: messages that wait for a thread, calls under way, and how many more messages there is room for."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import takewhile
from time import monotonic

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from automation.delivery import marks
from automation.delivery.claim import LEASE, Claimed
from automation.delivery.marks import Claim
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.rate import Rate
from automation.delivery.release import release
from automation.delivery.send import TIMEOUTS_S, Call, Result, results_for
from automation.delivery.send_together import FOLLOW_UP_S
from automation.delivery.sender import discard, sender_for

# The most that is claimed at once. Larger, and an opt-out that comes after the claim is obeyed by fewer; smaller, and
# statements per mail grow.
MAX_CLAIM = 100
# The most messages in calls under way where a call carries many. Larger, and a killed worker leaves more uncertain.
MAX_IN_BATCHES = 200
# What is claimed beyond the calls under way goes out in this time, so that slow ESPs do not make us hold messages.
AHEAD_S = 0.25
# Begin marks cost a round trip a time, so calls begin several at once: so many messages, or when half of the threads
# are free, or as soon as a thread has been free for so long. Larger, and threads idle while the ESP is slow.
BEGIN_COUNT = 8
BEGIN_AFTER_S = 0.004
# While calls are accepted within this time, each thread has its next call waiting, so that none idles while the pump's
# thread is at the database. Longer, and a worker that is killed leaves more messages uncertain behind a slow ESP.
QUICK_S = 0.1
# Claims older than this are not begun any more: the call could outlast the lease.
BEGIN_WITHIN_S = LEASE.total_seconds() - sum(TIMEOUTS_S) - 5.0
if BEGIN_WITHIN_S <= 0:
    raise ImproperlyConfigured(f"DELIVERY_LEASE_S must be over {sum(TIMEOUTS_S) + 5:.0f}: a lease must outlast a call.")
# A call that has not come back by then, follow-ups included, never will: its thread hangs where no time-out reaches.
OVERDUE_S = FOLLOW_UP_S + sum(TIMEOUTS_S) + 5.0
_OVERDUE = SendResult(Outcome.UNKNOWN, detail="The call did not come back.")


class Calls:
    """Used by the pump's thread alone. Sender threads only call `then`, with a call and a result for each message."""

    def __init__(self, account: EspAccount, then: Callable[[Call, list[Result]], None]) -> None:
        self._account = account
        self._then = then
        self._sender = sender_for(account)
        self._waiting: deque[tuple[Claimed, float]] = deque()  # With the time of the claim.
        self._under_way: dict[Call, tuple[float, datetime]] = {}  # When each began, by both clocks; oldest first.
        self._messages_under_way = 0
        self._free_since = 0.0  # Since when a thread has been free for those that wait.
        self._quick = False  # The latest call was accepted within QUICK_S.
        self._rate = Rate()

    @property
    def idle(self) -> bool:
        return not (self._waiting or self._under_way)

    @property
    def any_under_way(self) -> bool:
        return bool(self._under_way)

    @property
    def could_begin(self) -> bool:
        return bool(self._waiting) and self._free > 0

    @property
    def room(self) -> int:
        """How many to claim. Few and large claims are cheap, but the threads must not run dry while one is made."""
        ahead = min(MAX_CLAIM, int(self._rate.per_s() * AHEAD_S))
        if len(self._waiting) > ahead // 4:
            return 0
        held = len(self._waiting) + self._messages_under_way
        return max(0, min(MAX_CLAIM, self._at_once * self._sender.most_together + ahead - held))

    def add(self, claimed: Sequence[Claimed]) -> None:
        now = monotonic()
        self._waiting.extend((one, now) for one in claimed)

    def begin_if_worth_it(self) -> None:
        now, free = monotonic(), self._free
        ready = min(len(self._waiting), free * self._sender.most_together)
        if ready <= 0:
            self._free_since = 0.0
            return
        self._free_since = self._free_since or now
        at_once = ready >= BEGIN_COUNT or free >= (self._at_once + 1) // 2
        if at_once or now - self._free_since >= BEGIN_AFTER_S:
            self._free_since = 0.0
            self._begin(free, now)

    def land(self, call: Call, results: Sequence[Result]) -> bool:
        """It has come back. False: too late, it was given up before."""
        if call not in self._under_way:
            return False
        began, _ = self._remove(call)
        accepted = all(one.result.outcome is Outcome.ACCEPTED for one in results)
        self._quick = accepted and monotonic() - began < QUICK_S
        self._rate.add(len(call.messages))
        return True

    def hand_back(self) -> int:
        """Queue again what no thread has taken up, for another worker or account. Returns how many. May raise, and then
        it goes back when its lease runs out, or becomes uncertain if its mark was set."""
        claims = [one.claim for one, _ in self._waiting]
        self._waiting.clear()
        claims += self._withdraw(list(self._under_way))
        release(claims)
        return len(claims)

    def give_up_overdue(self) -> list[tuple[Call, list[Result]]]:
        """Calls whose threads hang, as unknown. The account gets new threads."""
        now = monotonic()
        overdue = list(takewhile(lambda call: now - self._under_way[call][0] >= OVERDUE_S, self._under_way))
        if not overdue:
            return []
        release(self._withdraw(overdue))  # They have waited for threads that hang.
        discard(self._sender)
        self._sender = sender_for(self._account)
        hanging = [call for call in overdue if call in self._under_way]
        return [(call, results_for(call, _OVERDUE, began_at=self._under_way[call][1])) for call in hanging]

    def _withdraw(self, calls: Iterable[Call]) -> list[Claim]:
        """Those of these calls that no thread has taken up, which now none will."""
        withdrawn = [call for call in calls if call.take()]
        for call in withdrawn:
            self._remove(call)
        claims = [one.claim for call in withdrawn for one in call.messages]
        marks.forget(claims)
        return claims

    def _remove(self, call: Call) -> tuple[float, datetime]:
        self._messages_under_way -= len(call.messages)
        return self._under_way.pop(call)

    @property
    def _free(self) -> int:
        """Calls that may begin."""
        return self._at_once - len(self._under_way)

    @property
    def _at_once(self) -> int:
        """Calls that may be under way, those that wait for their thread included."""
        together = self._sender.most_together
        return 2 * self._most if self._quick and together == 1 else self._most

    @property
    def _most(self) -> int:
        """Calls that are made at once."""
        together, most = self._sender.most_together, self._account.concurrency
        return most if together == 1 else min(most, MAX_IN_BATCHES // together)

    def _begin(self, most: int, now: float) -> None:
        """Up to so many calls, with one round trip for all of their marks."""
        calls: list[Call] = []
        too_late: list[Call] = []
        while self._waiting and len(calls) < most:
            call = self._next_call()
            (calls if call.begin_by > now else too_late).append(call)
        release([one.claim for call in too_late for one in call.messages])
        allowed = set(marks.begin([one.claim for call in calls for one in call.messages]))
        for call in calls:
            call.messages = [one for one in call.messages if one.claim in allowed]
            if call.messages:
                self._under_way[call] = now, timezone.now()
                self._messages_under_way += len(call.messages)
                self._sender.submit(call, self._then)

    def _next_call(self) -> Call:
        """The next messages, as many as a call may carry. One that the ESP may have already goes alone: it is known
        there by a key of its own, if at all."""
        first, claimed_at = self._waiting.popleft()
        messages = [first]
        while (
            len(messages) < self._sender.most_together
            and self._waiting
            and not any(one.unknown_since for one in (messages[-1], self._waiting[0][0]))
        ):
            messages.append(self._waiting.popleft()[0])
        return Call(messages, begin_by=claimed_at + BEGIN_WITHIN_S)
