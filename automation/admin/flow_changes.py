"""What publishing a draft would change, in words: the flow's settings, and its steps."""

from django.utils.html import format_html

from automation.admin.flow_settings import SETTINGS
from automation.admin.flow_versions import in_reading_order, then, what
from automation.admin.tables import Table, label
from automation.core.json import JsonObject
from automation.flows.definition import Definition, from_json
from automation.flows.diff import StepChange, changed_steps
from automation.flows.models import FlowVersion
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
