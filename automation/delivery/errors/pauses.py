"""How long an ESP asks to be left alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# An ESP that asks for a longer pause than this is probably wrong about the date.
MAX_PAUSE = timedelta(hours=24)
# A number from here on is a point in time, in seconds since 1970 (2001 and later); further on in milliseconds.
_EPOCH_S, _EPOCH_MS = 1e9, 1e12


def asked_pause(headers: Mapping[str, str], names: Sequence[str]) -> str:
    """What the first of these headers that is there says. Retry-After goes before all."""
    return next((headers[name].strip() for name in ("Retry-After", *names) if headers.get(name, "").strip()), "")


def pause_until(asked: str, at: datetime, *, least: timedelta | None = None) -> datetime | None:
    """Seconds or a date (RFC 9110 §10.2.3), or what providers write in headers of their own: a point in time.

    Not before `least` has passed, whatever is asked: headers tell of the rate also where it is a quota that is used
    up. Never more than MAX_PAUSE after `at`. None if nothing is asked that can be read, and there is no least.
    """
    earliest = None if least is None else at + least
    try:
        until = _by_number(float(asked), at) if asked[:1].isdigit() and "-" not in asked else _by_date(asked)
    except (ValueError, OverflowError):
        return earliest
    return min(max(until, earliest or at), at + MAX_PAUSE)


def _by_number(number: float, at: datetime) -> datetime:
    if number < _EPOCH_S:
        return at + timedelta(seconds=number)
    return datetime.fromtimestamp(number / 1_000 if number >= _EPOCH_MS else number, UTC)


def _by_date(text: str) -> datetime:
    date = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
