"""How durations are written: `3d`, `1 day 12 hours`, or `{days: 1, hours: 12}`."""

import re
from datetime import timedelta

from automation.core.json import Json

UNITS = {
    unit: timedelta(seconds=seconds)
    for units, seconds in (
        (("w", "week", "weeks"), 604_800),
        (("d", "day", "days"), 86_400),
        (("h", "hour", "hours"), 3_600),
        (("m", "min", "minute", "minutes"), 60),
        (("s", "second", "seconds"), 1),
    )
    for unit in units
}
# Longer than any wait makes sense, and far below what the database can add to a date.
LONGEST = timedelta(days=3660)

_PART = r"\s*(\d{1,9})\s*([a-z]+)"
_EXPECTED = "Expected a duration such as 3d, 12 hours, 1h 30m, or {days: 3}."


def parse_duration(value: Json) -> timedelta:
    """Raises ValueError, in words for whoever wrote `value`."""
    if isinstance(value, str) and re.fullmatch(rf"(?:{_PART})+\s*", value):
        parts = [(int(amount), unit) for amount, unit in re.findall(_PART, value)]
    elif isinstance(value, dict) and value and all(type(amount) is int and amount >= 0 for amount in value.values()):
        parts = [(amount, unit) for unit, amount in value.items()]
    else:
        raise ValueError(_EXPECTED)
    if unknown := [unit for _, unit in parts if unit not in UNITS]:
        raise ValueError(f"“{unknown[0]}” is no unit. {_EXPECTED}")
    if any(amount > LONGEST / UNITS[unit] for amount, unit in parts):
        raise ValueError("That is longer than ten years.")
    return sum((amount * UNITS[unit] for amount, unit in parts), timedelta())
