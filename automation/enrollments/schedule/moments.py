"""Moments: when it is a contact's turn, by the clock that counts for it. Pure."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

from automation.core.calendar import instant_of, zone_of
from automation.flows.schedule import DAY, Schedule


class Moment(NamedTuple):
    """In one time zone: when the turn comes, and the day of the contact's own date that it is about."""

    zone: str
    due_at: str
    day_from: str
    day_until: str


class Moments(NamedTuple):
    otherwise: Moment  # Where the contact's zone is not known, or does not count.
    by_zone: tuple[Moment, ...] = ()


@lru_cache(maxsize=64)  # All zones of a day take some 30 ms, and each chunk asks.
def moments(schedule: Schedule, wall: datetime, fallback: str) -> Moments:
    """`fallback`: the zone that counts for contacts whose own is not known."""
    if schedule.zone:
        return Moments(_moment(schedule.zone, schedule, wall))
    zones = sorted(available_timezones())
    return Moments(_moment(fallback, schedule, wall), tuple(_moment(zone, schedule, wall) for zone in zones))


def contact_date(schedule: Schedule, wall: datetime) -> datetime:
    """The day that a contact's date must be on, for its turn to be now."""
    return datetime.combine(wall.date(), time.min) - timedelta(days=schedule.offset_days)


def _moment(name: str, schedule: Schedule, wall: datetime) -> Moment:
    zone, day = zone_of(name), contact_date(schedule, wall).date()
    due_at = instant_of(wall.date(), wall.time(), zone)
    day_from, day_until = (instant_of(midnight, time.min, zone) for midnight in (day, day + DAY))
    return Moment(name, due_at.isoformat(), day_from.isoformat(), day_until.isoformat())
