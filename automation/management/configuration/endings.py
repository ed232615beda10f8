"""What ends a walk early, and what becomes of mail that comes late: the columns of a flow."""

from automation.core.json import JsonObject
from automation.management.configuration import shape
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer

# Where the file has what the model calls otherwise.
CALLED: dict[str, Path] = {
    "goal_rule": ("goal", "if"),
    "exit_rule": ("exit", "if"),
    "late_policy": ("late", "policy"),
    "late_after": ("late", "after"),
}


def ending_fields(writer: Writer, wanted: shape.Flow, path: Path) -> JsonObject | None:
    """None, and faults, if an event is not there."""
    fields: JsonObject = {"late_policy": wanted.late.policy, "late_after": wanted.late.after}
    faultless = True
    for name, ending in (("goal", wanted.goal), ("exit", wanted.exit)):
        said = ending or shape.Ending()
        event = writer.find("event_types", said.event, (*path, name, "event")) if said.event else None
        faultless = faultless and (event is not None or not said.event)
        fields |= {f"{name}_event": event, f"{name}_rule": said.rule}
    return fields if faultless else None
