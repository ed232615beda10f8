"""The circuit breaker: an account whose calls keep failing is left alone for a while, then tried with one message.

Its state stands in the account's row, so that every worker and the admin see it, and Redis does not matter:

- closed: `trips` is 0. `open_until`, if it is set, says since when.
- open: no call before `open_until`.
- half-open: `open_until` has passed. Whoever moves it ahead first may make one call, the probe. What comes of that
  closes the breaker or opens it for longer.

What opens it at first is what one process has seen of its own calls.
"""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from automation.delivery import trip
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import TIMEOUTS_S, Result

# It opens when, of the last CALLS, there are MIN_CALLS or more and at least half have failed. With less, a hiccup opens
# it; with more, an ESP that is down makes as many more messages uncertain, in each process.
CALLS = 20
MIN_CALLS = 10
# Older calls do not count. Shorter, and MIN_CALLS that time out one after another would never come together.
WITHIN = MIN_CALLS * timedelta(seconds=sum(TIMEOUTS_S))

# The ESP has not spoken. If it refuses, throttles or asks for money, it does work.
SILENT = {Outcome.UNKNOWN, Outcome.NEVER_LEFT}
# The ESP was asked. The others may also be our own refusals, which have no status.
ASKED = {Outcome.ACCEPTED, *SILENT}


class Call(NamedTuple):
    """What one call says of its account."""

    ended_at: datetime
    failed: bool
    last: SendResult

    @property
    def words(self) -> str:
        return f"{self.last.outcome}: {self.last.detail}"


_calls: dict[int, deque[Call]] = {}  # The latest of this process, by account.


class Breaker:
    """One account's breaker, as one run of the deliver pump deals with it. Used by the pump's thread alone."""

    def __init__(self, account: EspAccount) -> None:
        self._account = account
        self._calls = _calls.setdefault(account.pk, deque(maxlen=CALLS))
        self._probe: datetime | None = None
        self._probed: list[Result] = []
        self._reason = ""

    @property
    def has_tripped(self) -> bool:
        """Begin no more calls. True as soon as `see` has seen it; `act` then tells everybody else."""
        return bool(self._reason)

    def allow(self, wanted: int) -> int:
        """How many messages may be claimed now. Half-open: 1 for one caller among all processes, 0 for the others."""
        if self._account.trips == 0:
            return wanted
        if self._probe:
            return 0
        self._probe = trip.take_probe(self._account)
        return 1 if self._probe else 0

    def claimed(self, count: int) -> None:
        """Of what was allowed, so many were claimed. None: a probe goes back."""
        if self._probe and not count:
            trip.give_back_probe(self._account, self._probe)
            self._probe = None

    def see(self, results: Sequence[Result]) -> None:
        """What one call came to, a result for each of its messages. Does not touch the database."""
        if self._probe:
            self._probed += results
        elif call := read(results):
            self._calls.append(call)
            if call.failed:
                self._reason = self._reason or why_trip(self._calls, since=self._account.open_until)

    def act(self) -> None:
        """Write down what `see` has come to, if that changes anything."""
        if self.has_tripped:
            trip.trip(self._account, self._reason)
            self._calls.clear()
        elif self._probe and self._probed:
            probe, results = self._probe, self._probed
            self._probe, self._probed = None, []
            self._judge(probe, read(results))

    def _judge(self, probe: datetime, call: Call | None) -> None:
        if call is None:
            trip.give_back_probe(self._account, probe)
        elif call.failed:
            self._reason = f"The probe failed: {call.words}"
            trip.trip_again(self._account, probe, self._reason)
        elif closed_at := trip.close(self._account, probe):
            self._account.trips, self._account.open_until = 0, closed_at


def read(results: Sequence[Result]) -> Call | None:
    """What one call says of its account: it works if the ESP spoke of any message. None: the ESP was not asked."""
    tried = [one for one in results if not one.result.untried]
    asked = [one for one in tried if one.result.outcome in ASKED or one.result.status_code]
    if not asked:
        return None
    return Call(asked[-1].ended_at, all(one.result.outcome in SILENT for one in asked), asked[-1].result)


def why_trip(calls: Sequence[Call], *, since: datetime | None) -> str:
    """Why these calls, the newest last, open a breaker that is closed `since` then. Empty: they do not."""
    after = max(since or datetime.min.replace(tzinfo=UTC), calls[-1].ended_at - WITHIN)
    recent = [call for call in calls if call.ended_at > after]
    failed = sum(call.failed for call in recent)
    if len(recent) < MIN_CALLS or 2 * failed < len(recent):
        return ""
    return f"{failed} of the last {len(recent)} calls failed, the last with {calls[-1].words}"
