"""When a version's mail may go out, as it is published: FlowVersion.send_when. Pure."""

from datetime import time

from automation.core.json import JsonObject
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


def faults(flow: Flow) -> list[str]:
    if (flow.send_from is None) != (flow.send_until is None):
        return ["A send window needs both times: from when, and until when."]
    if flow.send_from is not None and flow.send_from == flow.send_until and not flow.send_weekdays:
        return ["The send window closes when it opens. Leave both times empty to send at any hour."]
    return []
