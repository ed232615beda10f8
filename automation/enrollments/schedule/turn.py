"""Turn: when a schedule next comes for one contact. For many, in SQL: audience.py and chunk.py. Pure."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from automation.core.calendar import instant_of, zone_of
from automation.core.json import Json, JsonObject
from automation.core.paths import look_up
from automation.core.rules.values import WITH_ZONE, instant
from automation.enrollments.schedule.audience import stands_in_for_29_february
from automation.enrollments.schedule.moments import contact_date
from automation.flows.schedule import Schedule
from automation.flows.triggers import Timing

# Of days of contacts, each day is a time of the schedule. Who looks further ahead than ten years is told of none.
_MOST: Final = 3653
_has_zone: Final = re.compile(WITH_ZONE).match


def turn(schedule: Schedule, contact: JsonObject, *, fallback: str, at: datetime) -> datetime | None:
    """The first from `at` on, of a contact as its facts have it. None: there is none.

    `fallback`: the zone that counts for contacts whose own is not known.
    """
    zone = zone_of(schedule.zone) if schedule.zone else zone_of(str(contact["time_zone"]), fallback)
    told = look_up({"contact": contact}, schedule.date_path) if schedule.timing.is_of_contact else None
    wall = schedule.first_since(at)
    for _ in range(_MOST):
        if wall is None:
            return None
        if not schedule.timing.is_of_contact or _is_the_day(schedule, told, wall, zone):
            due_at = instant_of(wall.date(), wall.time(), zone)
            if due_at >= at:
                return due_at
        wall = schedule.next_time(wall)
    return None


def _is_the_day(schedule: Schedule, told: Json, wall: datetime, zone: ZoneInfo) -> bool:
    """A date without a zone is the day that it says; an instant is on that day of the clock that counts."""
    moment, day = instant(told), contact_date(schedule, wall)
    if moment is None:
        return False
    year, month_and_day = told[:4], told[5:10]
    if schedule.timing is Timing.YEARLY:
        stands_in = month_and_day == "02-29" and stands_in_for_29_february(day)
        return year < f"{day:%Y}" and (stands_in or month_and_day == f"{day:%m-%d}")
    if _has_zone(told):
        return moment.astimezone(zone).date() == day.date()
    return bool(told[:10] == f"{day:%Y-%m-%d}")
