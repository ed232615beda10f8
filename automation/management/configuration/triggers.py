"""Triggers: what a flow's `trigger` stands for. A bare word is an event."""

from automation.core.json import JsonObject
from automation.events.membership import ENTERED
from automation.flows.triggers import TriggerKind
from automation.management.configuration import shape
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer

# Where the file has what the model calls otherwise.
CALLED: dict[str, Path] = {
    "trigger_key": ("trigger",),
    "timing": ("trigger", "schedule", "timing"),
    "day": ("trigger", "schedule", "day"),
    "clock": ("trigger", "schedule", "at"),
    "clock_zone": ("trigger", "schedule", "zone"),
    "recurrence": ("trigger", "schedule", "recurrence"),
    "date_path": ("trigger", "schedule", "date"),
    "offset_days": ("trigger", "schedule", "offset_days"),
}


def trigger_fields(writer: Writer, wanted: shape.Trigger, path: Path) -> JsonObject | None:
    """The columns of a flow that say when contacts enter it. None, and a fault, if it names what is not there."""
    match wanted:
        case shape.OnSchedule(schedule=schedule):
            return _fields(TriggerKind.SCHEDULE, schedule, key=schedule.segment)
        case shape.OnSegment(segment=key):
            kind, event, place = TriggerKind.SEGMENT, ENTERED, path
        case shape.OnEvent(event=event):
            kind, key, place = TriggerKind.EVENT, "", (*path, "event")
        case event:
            kind, key, place = TriggerKind.EVENT, "", path
    found = writer.find("event_types", event, place)
    return found and {**_fields(kind, None, key=key), "trigger": found}


def _fields(kind: TriggerKind, schedule: shape.Schedule | None, *, key: str) -> JsonObject:
    said = schedule or shape.Schedule(timing=None)
    return {
        "trigger_kind": kind,
        "trigger": None,
        "trigger_key": key,
        "timing": said.timing or "",
        "day": said.day,
        "clock": said.at,
        "clock_zone": said.zone,
        "recurrence": said.recurrence,
        "date_path": said.date,
        "offset_days": said.offset_days,
        "for_everybody": said.everybody,
    }
