"""Calendar: from a wish in somebody's local time (a window, 9:00 on Mondays, a date) to an instant. Pure.

The laws, which tests hold against every zone and its nights of clock change:

- Nothing is earlier than asked: a result is never before `at`.
- Nothing is later than need be: no instant from `at` to the result would have done.
- Asking again changes nothing: with the result as `at`, the result is the same.
- The wall clock decides. An instant lies in a window when the local clock shows a time in it, whatever the offset.
- A time that the clocks leap over (02:30 in March) is the first instant after the leap. Of one that comes twice, the
  first counts.
- A weekday is that of the local date concerned; for the part of a window after midnight, of the evening before. A date
  that a zone left out altogether (30 December 2011 in Samoa) had no weekday.

Instants are aware datetimes, and results are in UTC. Weekdays are as Python's: Monday is 0.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Windows that are never open together for so long never are, whatever clocks do: weeks repeat.
_HORIZON = timedelta(days=15)
# Since 1970 no zone has undone a change of its clocks within it: the closest were a week apart (Brazil, October 2000).
_STEP = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens` until just before `closes`, local time; past midnight if `closes` is not later. No weekdays: all."""

    opens: time
    closes: time
    weekdays: frozenset[int] = frozenset()

    def holds(self, local: datetime) -> bool:
        """Does a clock that shows this lie in it?"""
        clock, today = local.time(), local.date()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes and self._on(today)
        return (clock >= self.opens and self._on(today)) or (clock < self.closes and self._on(today - DAY))

    def next_opening(self, local: datetime) -> datetime:
        """When a clock that shows this, and is never changed, next shows that it opens."""
        days = (local.date() + n * DAY for n in range(9))
        openings = (datetime.combine(day, self.opens) for day in days if self._on(day))
        return next(opening for opening in openings if opening > local)

    def _on(self, day: date) -> bool:
        return not self.weekdays or day.weekday() in self.weekdays


def outside(begins: time, ends: time) -> Window:
    """All but the (quiet) hours from `begins` until just before `ends`. They must not be the same."""
    return Window(opens=ends, closes=begins)


def zone_of(*names: str) -> ZoneInfo:
    """The first of these that is a time zone, else UTC."""
    return next((ZoneInfo(name) for name in names if is_zone(name)), ZoneInfo("UTC"))


def is_zone(name: str) -> bool:
    return name in _zones()


def next_open(windows: Sequence[Window], zone: ZoneInfo, at: datetime) -> datetime | None:
    """The first instant from `at` on that lies in all of these windows. None: they are never open together."""
    instant = at.astimezone(UTC)
    while instant - at < _HORIZON:
        later = instant
        for window in windows:
            later = _next_open(window, zone, later)
        if later == instant:
            return instant
        instant = later
    return None


def next_local(clock: time, zone: ZoneInfo, at: datetime, *, weekdays: Collection[int] = ()) -> datetime:
    """The first instant from `at` on at which it is `clock` there, on one of these weekdays. No weekdays: any."""
    first = at.astimezone(zone).date() - DAY
    days = (first + n * DAY for n in range(17))
    instants = (
        instant_of(day, clock, zone)
        for day in days
        if (not weekdays or day.weekday() in weekdays) and _exists(day, zone)
    )
    return next(instant for instant in instants if instant >= at)


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When it is `clock` on `day` there, the first time; or, if the clocks leap over it, the first instant after."""
    wall = datetime.combine(day, clock.replace(fold=0))
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(instant, zone) == wall:
        return instant
    # PEP 495: in a gap, fold 1 counts by the offset that comes, so it lies before the change, and fold 0 after.
    return _change(zone, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _next_open(window: Window, zone: ZoneInfo, at: datetime) -> datetime:
    """As `next_open`, from one change of the clocks to the next: in between, the arithmetic is that of one clock."""
    while not window.holds(local := _wall(at, zone)):
        opening = at + (window.next_opening(local) - local)
        changes = _changes(zone, at, opening)
        at = next(changes, opening)
    return at


def _changes(zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The instants in (after, until] from which on another offset holds."""
    while after < until:
        step = min(after + _STEP, until)
        if _offset(zone, after) != _offset(zone, step):
            yield _change(zone, after, step)
        after = step


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first instant with another offset than `before`, when `after` has another. Clocks change at whole seconds."""
    old, low, high = _offset(zone, before), before.replace(microsecond=0), after.replace(microsecond=0) + SECOND
    while high - low > SECOND:
        middle = low + ((high - low) / 2 // SECOND) * SECOND
        low, high = (middle, high) if _offset(zone, middle) == old else (low, middle)
    return high


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _exists(day: date, zone: ZoneInfo) -> bool:
    return _wall(instant_of(day, time.min, zone), zone).date() == day
