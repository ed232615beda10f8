"""RRULEs: which are taken, and when they come."""

# ruff: noqa: DTZ001  # Times by a wall clock have no zone.

from datetime import date, datetime, time

import pytest

from automation.flows.recurrence import fault, next_time

FIRST = date(2026, 1, 1)  # A Thursday.


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("FREQ=DAILY", datetime(2026, 11, 2, 9)),
        ("FREQ=DAILY;UNTIL=20261102", datetime(2026, 11, 2, 9)),
        ("FREQ=DAILY;UNTIL=20261101", None),
        ("FREQ=DAILY;COUNT=300", None),
        ("FREQ=WEEKLY;BYDAY=TU,FR", datetime(2026, 11, 3, 9)),
        ("FREQ=WEEKLY;INTERVAL=2", datetime(2026, 11, 5, 9)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", datetime(2026, 11, 30, 9)),
        ("FREQ=MONTHLY;BYMONTHDAY=31", datetime(2026, 12, 31, 9)),
        ("FREQ=MONTHLY;BYDAY=+2TU", datetime(2026, 11, 10, 9)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", datetime(2028, 2, 29, 9)),
    ],
)
def test_it_comes_next(text, comes):
    assert fault(text, FIRST) == ""
    assert next_time(text, FIRST, time(9), datetime(2026, 11, 1, 9)) == comes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "It needs one of FREQ="),
        ("every monday", "It needs one of FREQ="),
        ("FREQ=MINUTELY", "It needs one of FREQ="),
        ("FREQ=DAILY;FREQ=DAILY", "only once"),
        ("FREQ=DAILY;BYHOUR=9", "With DAILY there is no BYHOUR"),
        ("FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2", "With DAILY there is no BYMONTHDAY"),  # Would be looked for for seconds.
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 cannot be read"),  # Would be looked for for ever.
        ("FREQ=DAILY;INTERVAL=1,2", "INTERVAL=1,2 cannot be read"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY=2MO cannot be read"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO cannot be read"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no day on which it would ever come"),
        ("FREQ=DAILY;UNTIL=20250101", "no day on which it would ever come"),
        ("FREQ=DAILY;UNTIL=20260231", "a day that does not exist"),
        ("FREQ=WEEKLY\nFREQ=DAILY", "It needs one of FREQ="),
    ],
)
def test_what_cannot_be_or_would_never_end_is_refused(text, told):
    assert told in fault(text, FIRST)
