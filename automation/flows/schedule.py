"""Schedules: when a flow comes round, as it is published. Pure.

Times are those of a wall clock, without a zone: “Monday, 09:00” stays that on both sides of a change of the clocks, and
is another instant in every zone. Where they become instants, core/calendar.py has the laws.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from automation.core.calendar import instant_of, zone_of
from automation.core.json import JsonObject
from automation.flows import recurrence
from automation.flows.models import Flow, ReEntry
from automation.flows.triggers import Timing

DAY: Final = timedelta(days=1)
MAX_OFFSET_DAYS: Final = 366
# Where each day begins first and ends last, when it is each contact's own clock that counts.
FIRST_ZONE: Final = ZoneInfo("Etc/GMT-14")
LAST_ZONE: Final = ZoneInfo("Etc/GMT+12")
ROOT: Final = "contact."
DATE_ROOT: Final = f"{ROOT}attributes."


@dataclass(frozen=True, slots=True)
class Schedule:
    timing: Timing
    clock: time
    zone: str = ""  # Empty: each contact's own.
    day: date | None = None  # Once: on; again and again: from.
    recurrence: str = ""
    date_path: str = ""
    offset_days: int = 0

    def next_time(self, after: datetime) -> datetime | None:
        """The first time after `after`, both by the wall clock. None: it comes no more."""
        if self.timing.is_of_contact:
            today = datetime.combine(after.date(), self.clock)
            return today if today > after else today + DAY
        if self.day is None:
            return None
        if self.timing is Timing.RECURRING:
            return recurrence.next_time(self.recurrence, self.day, self.clock, after)
        once = datetime.combine(self.day, self.clock)
        return once if once > after else None

    def first_since(self, at: datetime) -> datetime | None:
        """The first time, by the wall clock, that is not over everywhere at the instant `at`."""
        coming = self.next_time(at.astimezone(UTC).replace(tzinfo=None) - 2 * DAY)
        while coming and self.ends(coming) < at:
            coming = self.next_time(coming)
        return coming

    def begins(self, wall: datetime) -> datetime:
        """The first instant at which a clock that counts shows this."""
        return instant_of(wall.date(), wall.time(), zone_of(self.zone) if self.zone else FIRST_ZONE)

    def ends(self, wall: datetime) -> datetime:
        """The last such instant."""
        return instant_of(wall.date(), wall.time(), zone_of(self.zone) if self.zone else LAST_ZONE)


def to_json(flow: Flow) -> JsonObject:
    """What is stored for a flow with a schedule: only what its timing needs."""
    said: JsonObject = {"timing": flow.timing, "clock": f"{flow.clock or time.min:%H:%M}", "zone": flow.clock_zone}
    if Timing(flow.timing or Timing.ONCE).is_of_contact:
        return said | {"date_path": flow.date_path, "offset_days": flow.offset_days}
    said["day"] = flow.day.isoformat() if flow.day else ""
    return said | ({"recurrence": flow.recurrence} if flow.timing == Timing.RECURRING else {})


def from_json(stored: JsonObject) -> Schedule:
    rest = {name: stored[name] for name in ("zone", "recurrence", "date_path", "offset_days") if name in stored}
    day = date.fromisoformat(stored["day"]) if stored.get("day") else None
    return Schedule(Timing(stored["timing"]), time.fromisoformat(stored["clock"]), day=day, **rest)


def faults(flow: Flow) -> list[str]:
    if not flow.timing:
        return ["Say when the schedule comes round: once, again and again, or on a date of each contact."]
    found = [] if flow.clock else ["Say at what time of day the schedule comes round."]
    if Timing(flow.timing).is_of_contact:
        found += _faults_of_contact_date(flow)
    else:
        found += _faults_of_days(flow)
    if flow.re_entry == ReEntry.PER_KEY:
        found.append("“Once per key” reads a field of an event, and a schedule has none.")
    return found


def _faults_of_contact_date(flow: Flow) -> list[str]:
    found = []
    if not flow.date_path.startswith(DATE_ROOT) or flow.date_path == DATE_ROOT:
        found.append(f"Say which date of the contact counts, such as {DATE_ROOT}birthday.")
    if abs(flow.offset_days) > MAX_OFFSET_DAYS:
        found.append(f"This is too far from the contact's date. {MAX_OFFSET_DAYS} days are the most.")
    if flow.timing == Timing.YEARLY and flow.re_entry == ReEntry.ONCE:
        found.append("It comes every year, but lets each contact enter only once. Let contacts enter again.")
    return found


def _faults_of_days(flow: Flow) -> list[str]:
    found = []
    if flow.day is None:
        found.append("Say on which day." if flow.timing == Timing.ONCE else "Say from which day on.")
    elif flow.timing == Timing.RECURRING and (fault := recurrence.fault(flow.recurrence, flow.day)):
        found.append(f"The recurrence does not work. {fault}")
    if not (flow.for_everybody or flow.entry_rule or flow.trigger_key):
        found.append("Say who enters: a segment, an entry rule, or everybody.")
    return found
