"""House rules and frequency caps, and what a flow says of hours and of who takes part."""

from automation.core.json import JsonObject
from automation.flows.models import Weekday
from automation.management.configuration import calendar_shape, shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer
from automation.models import FrequencyCap, HouseRules

# Where the file has the columns of a flow, where it calls them something else.
FLOW: dict[str, Path] = {
    "send_from": ("send_window", "from"),
    "send_until": ("send_window", "until"),
    "send_weekdays": ("send_window", "weekdays"),
    "rollout_percent": ("rollout",),
    "holdout_percent": ("holdout",),
    "conversion_event": ("conversion", "event"),
    "conversion_within": ("conversion", "within"),
}
_HOUSE: dict[str, Path] = {
    "quiet_from": ("quiet_hours", "from"),
    "quiet_until": ("quiet_hours", "until"),
    "holdout_percent": ("holdout", "percent"),
    "holdout_since": ("holdout", "since"),
}


def flow_fields(writer: Writer, wanted: shape.Flow, path: Path) -> JsonObject | None:
    """The columns of the flow. None, and a fault, if it counts an event type that is not there."""
    window, conversion = wanted.send_window, wanted.conversion
    event = conversion and writer.find("event_types", conversion.event, (*path, "conversion", "event"))
    if conversion and event is None:
        return None
    weekdays = [Weekday[day.name] for day in window.weekdays] if window else []
    return {
        "send_from": window and window.begins,
        "send_until": window and window.ends,
        "send_weekdays": sorted(weekdays) or None,
        "quiet_hours": wanted.quiet_hours,
        "time_zone": wanted.time_zone,
        "rollout_percent": wanted.rollout,
        "holdout_percent": wanted.holdout,
        "conversion_event": event,
        **({"conversion_within": conversion.within} if conversion else {}),
    }


def write_cap(writer: Writer, name: str, wanted: calendar_shape.FrequencyCap) -> Change | None:
    path = ("frequency_caps", name)
    topic = writer.find("topics", wanted.topic, (*path, "topic")) if wanted.topic else None
    if wanted.topic and topic is None:
        return None
    fields = {
        "limit": wanted.limit,
        "period": wanted.within,
        "topic": topic,
        "lane": wanted.lane,
        "patience": wanted.patience,
        "enabled": wanted.enabled,
    }
    written = writer.write(FrequencyCap, path, fields, called={"period": ("within",)})
    return written and written.change


def write_house_rules(writer: Writer, wanted: calendar_shape.HouseRules) -> Change | None:
    """The file says all of them, if it says any."""
    quiet, holdout = wanted.quiet_hours, wanted.holdout
    fields = {
        "time_zone": wanted.time_zone,
        "quiet_from": quiet and quiet.begins,
        "quiet_until": quiet and quiet.ends,
        "holdout_percent": holdout.percent if holdout else 0.0,
        "holdout_since": holdout and holdout.since,
    }
    written = writer.write_row(HouseRules, {"id": 1}, "house rules", ("house_rules",), fields, called=_HOUSE)
    return written and written.change
