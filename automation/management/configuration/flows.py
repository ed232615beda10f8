"""Flows: a row, its steps, and the version that they are published as."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from automation.core.json import JsonObject
from automation.flows.models import Flow, Step
from automation.flows.publish import FlowInvalid, publish
from automation.management.configuration import calendar, shape
from automation.management.configuration.changes import Change
from automation.management.configuration.endings import CALLED as ENDINGS
from automation.management.configuration.endings import ending_fields
from automation.management.configuration.faults import Path
from automation.management.configuration.kinds import BRAKES, brakes
from automation.management.configuration.steps import kind_of, step_fields, step_keys, template_of
from automation.management.configuration.triggers import CALLED, trigger_fields
from automation.management.configuration.writer import Writer


def write_flow(writer: Writer, key: str, wanted: shape.Flow) -> Change | None:
    path: Path = ("flows", key)
    fields = _fields(writer, wanted, path)
    steps = _steps(writer, wanted.steps, (*path, "steps"))
    written = (
        None if fields is None else writer.write(Flow, path, fields, called=BRAKES | CALLED | ENDINGS | calendar.FLOW)
    )
    if written is None or steps is None:
        return None
    flow, change = written
    paths: dict[str, Path] = {step: (*path, "steps", index) for index, step in enumerate(steps)}
    order = list(flow.steps.values_list("key", flat=True))
    details = writer.write_parts(Step, {"flow": flow}, "key", steps, label="steps", paths=paths, untold="position")
    if details is None:
        return None
    if not change.is_new:
        change.details.extend(details + _moved(order, list(steps)))
    return _publish(writer, flow, change, {"": path, **paths})


def _fields(writer: Writer, wanted: shape.Flow, path: Path) -> JsonObject | None:
    """The columns of the flow itself. None, and faults, if it refers to what is not there."""
    trigger = trigger_fields(writer, wanted.trigger, (*path, "trigger"))
    references = [("sender", "senders", wanted.sender)]
    if wanted.topic:
        references.append(("topic", "topics", wanted.topic))
    found = {name: writer.find(section, key, (*path, name)) for name, section, key in references}
    hours = calendar.flow_fields(writer, wanted, path)
    endings = ending_fields(writer, wanted, path)
    if trigger is None or hours is None or endings is None or None in found.values():
        return None
    return {
        "name": wanted.name,
        "description": wanted.description,
        "entry_rule": wanted.entry_rule,
        "re_entry": wanted.re_entry,
        "re_entry_after": wanted.re_entry_after,
        "re_entry_path": wanted.re_entry_path,
        "max_event_age": wanted.max_event_age,
        "lane": wanted.lane,
        "uncertain_policy": wanted.uncertain_policy,
        **brakes(wanted.brakes),
        **hours,
        **endings,
        "topic": None,
        **found,
        **trigger,
    }


def _steps(writer: Writer, wanted: Sequence[Struct], path: Path) -> dict[str, JsonObject] | None:
    """The columns of each step, by its key. None, and faults, if two have the same or a template is not there."""
    steps: dict[str, JsonObject] = {}
    faultless = True
    for position, (key, step) in enumerate(zip(step_keys(wanted), wanted, strict=True)):
        place = (*path, position)
        if key in steps:
            writer.faults.add((*place, "key"), f"There is another step “{key}” above.")
            faultless = False
        template = None
        if (wanted_template := template_of(step)) is not None:
            template = writer.find("templates", wanted_template, (*place, kind_of(step).name))
            faultless = faultless and template is not None
        steps[key] = {"position": position, "template": template, **step_fields(step)}
    return steps if faultless else None


def _moved(old: list[str], new: list[str]) -> list[str]:
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    return [] if before == after else [f"order of steps: {', '.join(after)}"]


def _publish(writer: Writer, flow: Flow, change: Change, paths: Mapping[str, Path]) -> Change | None:
    status, before = flow.status, flow.live_version_id
    try:
        version = publish(flow=flow)
    except FlowInvalid as error:
        for fault in error.faults:
            writer.faults.add(paths[fault.step_key], fault.message)
        return None
    if status == Flow.Status.ARCHIVED:  # Publishing would bring it back, but that is for people to decide.
        Flow.objects.filter(pk=flow.pk).update(status=status)
    if status in {Flow.Status.PAUSED, Flow.Status.ARCHIVED}:
        writer.notes.append(f"Flow {flow.key} is {status}, and stays so.")
    if version.pk != before:
        change.details.append(f"published as version {version.number}")
    return change
