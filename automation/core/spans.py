"""Durations in words. Pure."""

from datetime import timedelta

_UNITS = [("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))]


def span(duration: timedelta) -> str:
    """“3 days”, “1 hour 30 minutes”, “20 seconds”: the two largest units that matter."""
    parts = []
    left = abs(duration)
    for name, unit in _UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append(_count(count, name))
    seconds = round(left.total_seconds())
    if seconds or not parts:
        parts.append(_count(seconds, "second"))
    return " ".join(parts[:2])


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"
