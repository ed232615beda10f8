"""What a field may hold and a rule may say, and how two such values compare. Pure.

The SQL of the same is in seen.py, and the two agree: see docs/rules.md.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeGuard

from automation.core.json import Json

# Beyond, floats are whole and JSON may write them in more than one way; what counts is the decimal that is written.
_FLOATS_ARE_EXACT: Final = 2.0**53
# A number of more digits is a mistake, and Python would not even write it down.
_MAX_BITS = 4096
# In years: beyond, a date plus a duration is none that Python knows.
_LONGEST: Final = timedelta(days=3660)
UNITS: Final = ("weeks", "days", "hours", "minutes")

# The dates that exist and the times, to the letter alike in Python and in PostgreSQL, whose cast would raise at others.
_DATE = (
    "([1-9][0-9]{3}-("
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29)"
)
_TIME = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
WITH_ZONE: Final = f"^{_DATE}{_TIME}{_ZONE}$"
WITHOUT_ZONE: Final = f"^{_DATE}({_TIME})?$"
_is_instant = re.compile(f"{_DATE}({_TIME}{_ZONE}?)?").fullmatch


def is_number(value: Json) -> TypeGuard[int | float]:
    if isinstance(value, float):
        return not math.isnan(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_storable_number(value: Json) -> bool:
    """Python reads NaN and Infinity out of JSON that is none; PostgreSQL would refuse the rule."""
    return is_number(value) and (value.bit_length() <= _MAX_BITS if isinstance(value, int) else math.isfinite(value))


def is_storable_text(value: Json) -> TypeGuard[str]:
    """PostgreSQL keeps neither the character U+0000 nor halves of surrogate pairs."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def is_scalar(value: Json) -> bool:
    return isinstance(value, bool) or is_storable_text(value) or is_storable_number(value)


def is_duration(value: Json) -> bool:
    """`{"days": 30}`: units and whole numbers, together more than nothing and ten years at most."""
    if not isinstance(value, dict) or not value or not value.keys() <= set(UNITS):
        return False
    if not all(type(amount) is int and 0 <= amount <= _LONGEST / timedelta(minutes=1) for amount in value.values()):
        return False
    return timedelta(0) < duration(value) <= _LONGEST


def duration(value: Json) -> timedelta:
    return timedelta(**value)


def is_instant(value: Json) -> bool:
    return instant(value) is not None


def instant(value: Json) -> datetime | None:
    """The moment that an ISO 8601 text means, without a zone in UTC, without a time at midnight; else None."""
    if not isinstance(value, str) or not _is_instant(value):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def equal(seen: Json, value: Json) -> bool:
    """`value` is a scalar."""
    if type(seen) is type(value):
        return bool(seen == value)
    return is_number(seen) and is_number(value) and _exact(seen) == _exact(value)


def less(seen: Json, value: Json) -> bool | None:
    """Is `seen` before `value`, by number or by code point? None: the two have no order."""
    if isinstance(seen, str) and isinstance(value, str):
        return seen < value
    if is_number(seen) and is_number(value):
        return _exact(seen) < _exact(value)
    return None


def _exact(number: Json) -> int | float:
    """The number as JSON writes it, which is what PostgreSQL has kept."""
    if isinstance(number, int):
        return number
    return int(Decimal(repr(number))) if _FLOATS_ARE_EXACT <= abs(number) < math.inf else float(number)
