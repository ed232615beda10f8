"""What publishing a draft would change, in words: the flow's settings, and its steps."""

from collections.abc import Callable

from django.utils.html import format_html

from automation.admin import flow_trigger
from automation.admin.flow_versions import in_reading_order, re_entry, then, what
from automation.admin.rule_view import rule_view
from automation.admin.tables import Table, label
from automation.core.json import JsonObject
from automation.core.lanes import Lane
from automation.core.spans import span
from automation.flows.definition import Definition, from_json
from automation.flows.diff import StepChange, changed_steps
from automation.flows.models import FlowVersion, QuietHours, UncertainPolicy, Weekday
from templates_app.models import Template

COLOURS = {"new": "success", "changed": "info", "gone": "danger"}


def changes(live: FlowVersion, draft: FlowVersion) -> list[Table]:
    before, after = from_json(live.definition), from_json(draft.definition)
    return [_settings(live, before, draft, after), _steps(before, after)]


def _settings(live: FlowVersion, before: Definition, draft: FlowVersion, after: Definition) -> Table:
    said = [(name, say(live, before), say(draft, after)) for name, say in SETTINGS.items()]
    return Table(
        "Settings that change",
        ["Setting", "Live now", "After publishing"],
        [row for row in said if row[1] != row[2]],
        empty="None.",
    )


def _schedule(definition: Definition) -> str:
    """Only told apart from another: what each part means, the flow's page says."""
    if definition.schedule is None:
        return "-"
    told = definition.schedule
    parts = [told.timing.label, told.day, told.recurrence, told.date_path, told.offset_days, f"{told.clock:%H:%M}"]
    return ", ".join(str(part) for part in [*parts, told.zone] if part)


def _hours(version: FlowVersion) -> str:
    asked = version.send_when or {}
    window = f"{asked['opens']}-{asked['closes']}" if "opens" in asked else ""
    days = " ".join(Weekday(day).label for day in asked.get("weekdays", []))
    quiet = f"quiet hours {QuietHours(asked['quiet']).label}" if "quiet" in asked else ""
    return ", ".join(part for part in (window, days, quiet, asked.get("zone")) if part) or "at any hour"


def _share(percent: float) -> str:
    return f"{percent:g} %"


SETTINGS: dict[str, Callable[[FlowVersion, Definition], object]] = {
    "Enters on": lambda version, definition: flow_trigger.words(version),
    "Comes round": lambda version, definition: _schedule(definition),
    "Only if": lambda version, definition: rule_view(definition.entry_rule),
    "Only if not older than": lambda version, definition: (
        "no limit" if definition.max_event_age is None else span(definition.max_event_age)
    ),
    "Enter again?": lambda version, definition: re_entry(definition),
    "Rollout": lambda version, definition: _share(definition.rollout_percent),
    "Holdout": lambda version, definition: _share(definition.holdout_percent),
    "Sender": lambda version, definition: str(version.sender),
    "Lane": lambda version, definition: Lane(version.lane).value,
    "Topic": lambda version, definition: str(version.topic or "-"),
    "Send window": lambda version, definition: _hours(version),
    "If nobody knows whether it was sent": lambda version, definition: (
        UncertainPolicy(definition.uncertain_policy).label
    ),
}


def _steps(before: Definition, after: Definition) -> Table:
    found = {change.key: change for change in changed_steps(before, after)}
    order = dict.fromkeys(key for one in (after, before) for key, _ in in_reading_order(one))
    templates = _templates(before, after)
    return Table(
        "Steps that change",
        ["Step", "", "Live now", "After publishing"],
        [_row(found[key], templates) for key in order if key in found],
        empty="None.",
    )


def _row(change: StepChange, templates: dict[int, Template]) -> list[object]:
    sides = (_side(config, templates) for config in (change.before, change.after))
    return [change.key, label(change.word, COLOURS[change.word]), *sides]


def _side(config: JsonObject | None, templates: dict[int, Template]) -> object:
    if config is None:
        return "-"
    return format_html("{} {} <i>then {}</i>", config["kind"], what(config, templates), then(config))


def _templates(*definitions: Definition) -> dict[int, Template]:
    steps = [config for definition in definitions for config in definition.steps.values()]
    return Template.objects.in_bulk({config["template"] for config in steps if "template" in config})
