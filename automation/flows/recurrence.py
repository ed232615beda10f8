"""Recurrences: the days on which a schedule comes round, as an RRULE of RFC 5545. Pure.

Only what repeats by days or longer, and of that what surely ends its search: dateutil would look for 30 February until
the year 9999, and with an interval of 0 for ever.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from dateutil.rrule import rrule, rrulestr

EXAMPLE: Final = "FREQ=WEEKLY;BYDAY=MO"
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"


def _list_of(item: str) -> Callable[[str], object]:
    return re.compile(f"{item}(,{item})*").fullmatch


class _Part(NamedTuple):
    reads: Callable[[str], object]
    example: str


_DAYS = _Part(_list_of("-?([1-9]|[12][0-9]|3[01])"), "BYMONTHDAY=1,-1")
_MONTHS = _Part(_list_of("([1-9]|1[0-2])"), "BYMONTH=1,7")
_POSITIONS = _Part(_list_of("-?([1-9]|[1-9][0-9])"), "BYSETPOS=-1")
_WEEKDAYS = _Part(_list_of(_WEEKDAY), "BYDAY=MO,TH")
_ANY: Final = {
    "INTERVAL": _Part(re.compile("[1-9][0-9]{0,2}").fullmatch, "INTERVAL=2"),
    "COUNT": _Part(re.compile("[1-9][0-9]{0,3}").fullmatch, "COUNT=10"),
    "UNTIL": _Part(re.compile("[0-9]{8}").fullmatch, "UNTIL=20301231"),
    "WKST": _Part(re.compile(_WEEKDAY).fullmatch, "WKST=MO"),
}
_BY_MONTHS: Final = {
    "BYDAY": _Part(_list_of(f"([+-]?[1-5])?{_WEEKDAY}"), "BYDAY=1MO"),
    "BYMONTHDAY": _DAYS,
    "BYMONTH": _MONTHS,
    "BYSETPOS": _POSITIONS,
}
_PARTS: Final[dict[str, Mapping[str, _Part]]] = {
    "DAILY": _ANY,
    "WEEKLY": {**_ANY, "BYDAY": _WEEKDAYS},
    "MONTHLY": {**_ANY, **_BY_MONTHS},
    "YEARLY": {**_ANY, **_BY_MONTHS},
}


def fault(text: str, first: date) -> str:
    """What is wrong with the recurrence, in words; empty: nothing."""
    parts = [part.partition("=")[::2] for part in text.split(";")]
    frequency = dict(parts).get("FREQ", "")
    if frequency not in _PARTS:
        return f"It needs one of FREQ={', '.join(_PARTS)}. For example {EXAMPLE}."
    if len(dict(parts)) < len(parts):
        return "Each part may stand there only once."
    known = _PARTS[frequency]
    for name, value in parts:
        if name != "FREQ" and name not in known:
            return f"With {frequency} there is no {name}. There are {', '.join(known)}."
        if name != "FREQ" and not known[name].reads(value):
            return f"{name}={value} cannot be read. Write for example {known[name].example}."
    return _fault_of_days(text, first)


def next_time(text: str, first: date, clock: time, after: datetime) -> datetime | None:
    """The first time after `after`, all by the wall clock. None: it comes no more. `text` has no fault."""
    found: datetime | None = _rule(text, first, clock).after(after)
    return found


def _fault_of_days(text: str, first: date) -> str:
    try:
        comes = next_time(text, first, time.min, datetime.combine(first, time.min) - timedelta(days=1))
    except ValueError:
        return f"It has a day that does not exist. For example {EXAMPLE}."
    return "" if comes else "There is no day on which it would ever come."


def _rule(text: str, first: date, clock: time) -> rrule:
    """UNTIL counts to the end of its day."""
    rule = rrulestr(re.sub(r"(UNTIL=[0-9]{8})", r"\1T235959", text), dtstart=datetime.combine(first, clock))
    assert isinstance(rule, rrule)  # Of one line, without exceptions.  # noqa: S101
    return rule
