"""When a version's mail may go out, as it is published: FlowVersion.send_when. All but `faults` is pure."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from automation.core.calendar import Window, next_open, outside
from automation.core.json import JsonObject
from automation.core.lanes import Lane
from automation.flows.house_rules import HouseRules
from automation.flows.models import Flow, QuietHours

# A window that is told by weekdays alone.
MIDNIGHT = time()


def to_json(flow: Flow) -> JsonObject | None:
    """None if the flow asks for nothing: `opens` and `closes` with `weekdays` (empty: all), `quiet`, `zone`."""
    asked: JsonObject = {}
    if flow.send_from is not None or flow.send_weekdays:
        opens, closes = flow.send_from or MIDNIGHT, flow.send_until or MIDNIGHT
        asked |= {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}", "weekdays": sorted(flow.send_weekdays or [])}
    if flow.quiet_hours != QuietHours.AUTO:
        asked["quiet"] = flow.quiet_hours
    if flow.time_zone:
        asked["zone"] = flow.time_zone
    return asked or None


def window_of(stored: JsonObject) -> Window | None:
    """None: at any time of day, on any day."""
    if "opens" not in stored:
        return None
    opens, closes = time.fromisoformat(stored["opens"]), time.fromisoformat(stored["closes"])
    return Window(opens, closes, frozenset(stored["weekdays"]))


def keeps_quiet(stored: JsonObject, lane: str) -> bool:
    quiet = stored.get("quiet", QuietHours.AUTO)
    return quiet == QuietHours.KEEP or (quiet == QuietHours.AUTO and lane != Lane.TRANSACTIONAL)


def faults(flow: Flow) -> list[str]:
    """In a marketer's words. Reads the house rules if the flow has a window."""
    if (flow.send_from is None) != (flow.send_until is None):
        return ["A send window needs both times: from when, and until when."]
    if flow.send_from is not None and flow.send_from == flow.send_until and not flow.send_weekdays:
        return ["The send window closes when it opens. Leave both times empty to send at any hour."]
    stored = to_json(flow) or {}
    window = window_of(stored)
    return _house_faults(window) if window and keeps_quiet(stored, flow.lane) else []


def _house_faults(window: Window) -> list[str]:
    house = HouseRules.objects.first()
    if house is None or house.quiet_from is None or house.quiet_until is None:
        return []
    # Any instant and zone will do: only how the two lie to each other counts, and neither knows seasons.
    both = [window, outside(house.quiet_from, house.quiet_until)]
    if next_open(both, ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC)) is not None:
        return []
    return [
        "The send window lies in the quiet hours of the house rules, so nothing would ever go out. Change one of them."
    ]
