"""The time, as JSON wants it."""

from datetime import UTC, datetime


def now_iso() -> str:
    """Now in UTC to the microsecond: `2026-05-04T09:30:00.000000Z`."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
