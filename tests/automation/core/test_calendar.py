"""The laws of local time, over every zone and the nights of its clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.calendar import Window, instant_of, next_local, next_open, outside, zone_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY, FRIDAY, SATURDAY = 0, 4, 5
# Before, some offsets had seconds, and a scan by minutes would miss them.
BEGIN, END = datetime(1973, 1, 1, tzinfo=UTC), datetime(2037, 12, 1, tzinfo=UTC)

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
CLOCKS = st.times(time(0), time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))
WEEKDAYS = st.frozensets(st.integers(0, 6))
WINDOWS = st.builds(Window, CLOCKS, CLOCKS, WEEKDAYS)


@cache
def changes(zone: ZoneInfo) -> list[datetime]:
    """When the clocks there were changed, found the slow and simple way."""
    days = [BEGIN + n * DAY for n in range((END - BEGIN).days)]
    eves = [day for day in days if offset(zone, day) != offset(zone, day + DAY)]
    return [next(at for at in minutes(eve, eve + DAY) if offset(zone, at) != offset(zone, eve)) for eve in eves]


def offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def minutes(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + n * MINUTE for n in range(int((end - begin) / MINUTE) + 1)]


@st.composite
def moments(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and an instant: most often of the days around a change of its clocks, in whole minutes."""
    zone: ZoneInfo = draw(ZONES)
    near: datetime | None = draw(st.sampled_from([None, *changes(zone)]))
    if near is None:
        return zone, BEGIN + draw(st.integers(0, int((END - BEGIN) / MINUTE))) * MINUTE
    return zone, near + draw(st.integers(-36 * 60, 36 * 60)) * MINUTE


def shows(window: Window, zone: ZoneInfo, at: datetime) -> bool:
    """What it means to lie in a window, said once more and otherwise: go back to the evening that it began on."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    length = (datetime.combine(date.min, window.closes) - datetime.combine(date.min, window.opens)) % DAY or DAY
    since = (wall - datetime.combine(date.min, window.opens)) % DAY
    evening = (wall - since).date()
    return since < length and (not window.weekdays or evening.weekday() in window.weekdays)


@given(moments(), WINDOWS)
def test_a_window_opens_at_the_first_minute_that_the_wall_clock_shows_in_it(moment, window: Window):
    zone, at = moment

    opening = next_open([window], zone, at)

    assert opening is not None
    assert opening == next(minute for minute in minutes(at, at + 15 * DAY) if shows(window, zone, minute))
    assert next_open([window], zone, opening) == opening


@given(moments(), st.lists(WINDOWS, min_size=2, max_size=3))
def test_windows_together_open_at_the_first_minute_that_lies_in_all(moment, windows: list[Window]):
    zone, at = moment
    together = (minute for minute in minutes(at, at + 15 * DAY) if all(shows(w, zone, minute) for w in windows))

    assert next_open(windows, zone, at) == next(together, None)


@given(moments(), CLOCKS, WEEKDAYS)
def test_the_next_local_time_is_neither_early_nor_late(moment, clock: time, weekdays: frozenset[int]):
    zone, at = moment

    found = next_local(clock, zone, at, weekdays=weekdays)

    wall = found.astimezone(zone).replace(tzinfo=None)
    assert found >= at
    assert next_local(clock, zone, found, weekdays=weekdays) == found
    if wall.time() == clock:
        assert wall.date().weekday() in (weekdays or range(7))
    else:  # Leapt over: the minute before shows an earlier time than asked for.
        before = (found - MINUTE).astimezone(zone).replace(tzinfo=None)
        assert before + MINUTE < wall
        assert any(before < datetime.combine(day, clock) < wall for day in (before.date(), wall.date()))
    for minute in minutes(at, found)[:-1]:
        earlier = minute.astimezone(zone).replace(tzinfo=None)
        assert not (earlier.time() == clock and not minute.astimezone(zone).fold and _on(earlier, weekdays))


def _on(wall: datetime, weekdays: frozenset[int]) -> bool:
    return not weekdays or wall.weekday() in weekdays


@given(moments(), CLOCKS)
def test_an_instant_is_the_first_at_which_the_wall_clock_shows_it_or_more(moment, clock: time):
    zone, near = moment
    day = near.astimezone(zone).date()
    wall = datetime.combine(day, clock)

    instant = instant_of(day, clock, zone)

    begin = wall.replace(tzinfo=UTC) - 26 * HOUR
    walls = ((at, at.astimezone(zone).replace(tzinfo=None)) for at in minutes(begin, begin + 52 * HOUR))
    assert instant == next(at for at, shown in walls if shown >= wall)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:00Z"),  # Leapt over: 03:00 there.
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30Z"),  # Twice: the first.
        ("Europe/Berlin", date(2026, 3, 29), time(2, 0), "2026-03-29T01:00Z"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 59), "2026-10-25T00:59Z"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30Z"),  # Clocks leap half an hour.
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45Z"),
        ("Asia/Kathmandu", date(2026, 6, 1), time(9, 0), "2026-06-01T03:15Z"),
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-30T10:00Z"),  # The day that was left out.
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 0), "2018-11-04T03:00Z"),  # There was no midnight.
    ],
)
def test_nights_of_clock_change(zone: str, day: date, clock: time, expected: str):
    assert instant_of(day, clock, ZoneInfo(zone)) == datetime.fromisoformat(expected)


def test_monday_in_sydney_is_sydneys_monday():
    """Tested in UTC, and with the offset of now, it was a Tuesday elsewhere; and clocks change before it."""
    sydney, at = ZoneInfo("Australia/Sydney"), datetime(2026, 10, 2, 23, 0, tzinfo=UTC)

    found = next_local(time(8), sydney, at, weekdays=[MONDAY])

    assert found.astimezone(sydney).isoformat() == "2026-10-05T08:00:00+11:00"


def test_a_friday_that_was_left_out_is_no_friday():
    apia, at = ZoneInfo("Pacific/Apia"), datetime(2011, 12, 29, 12, 0, tzinfo=UTC)

    found = next_local(time(9), apia, at, weekdays=[FRIDAY])

    assert found.astimezone(apia).isoformat() == "2012-01-06T09:00:00+14:00"


def test_the_night_belongs_to_the_evening_that_it_began_on():
    night = Window(time(22), time(2), frozenset({FRIDAY}))
    berlin = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 6, 5, tzinfo=berlin)

    assert friday.weekday() == FRIDAY
    assert next_open([night], berlin, friday + 25 * HOUR) == friday + 25 * HOUR  # Saturday, 01:00.
    assert next_open([night], berlin, friday + HOUR) == friday + 22 * HOUR  # Friday, 01:00, was Thursday's.


def test_quiet_hours_are_never_broken_by_the_hour_that_comes_twice():
    """At the second 01:40 it is quiet again, although it had opened at the first 01:50."""
    berlin, late = ZoneInfo("Europe/Berlin"), outside(time(22), time(2, 50))

    opening = next_open([late], berlin, datetime(2026, 10, 25, 1, 10, tzinfo=UTC))  # The second 02:10.

    assert opening == datetime(2026, 10, 25, 1, 50, tzinfo=UTC)


def test_windows_that_are_never_open_together_open_never():
    windows = [Window(time(22), time(23)), outside(time(21), time(8))]

    assert next_open(windows, ZoneInfo("Europe/Berlin"), datetime(2026, 6, 5, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Europe/Lisbon", "UTC"), "Europe/Lisbon"),
        (("", "Asia/Kathmandu"), "Asia/Kathmandu"),
        (("Europe/Atlantis", "../etc/passwd", "America", "Asia/Kathmandu"), "Asia/Kathmandu"),
        (("\ud800", "nonsense"), "UTC"),
        ((), "UTC"),
    ],
)
def test_a_zone_that_is_none_is_passed_over(names: tuple[str, ...], expected: str):
    assert zone_of(*names).key == expected
