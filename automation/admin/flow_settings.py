"""What a version of a flow says beside its steps, in words: on its page, and where publishing shows the difference."""

from collections.abc import Callable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin import flow_trigger
from automation.admin.rule_view import rule_view
from automation.core.lanes import Lane
from automation.core.spans import span
from automation.events.models import EventType
from automation.flows.definition import Definition
from automation.flows.endings import EXITED, GOAL_REACHED, Ending
from automation.flows.models import FlowVersion, QuietHours, ReEntry, UncertainPolicy, Weekday


def _schedule(definition: Definition) -> str:
    """Only told apart from another: what each part means, the flow's page says."""
    if definition.schedule is None:
        return "-"
    told = definition.schedule
    parts = [told.timing.label, told.day, told.recurrence, told.date_path, told.offset_days, f"{told.clock:%H:%M}"]
    return ", ".join(str(part) for part in [*parts, told.zone] if part)


def _re_entry(definition: Definition) -> str:
    asked = ReEntry(definition.re_entry).label
    if definition.re_entry_after:
        return f"{asked}: {span(definition.re_entry_after)}"
    return f"{asked}: {definition.re_entry_path}" if definition.re_entry_path else asked


def _ending(definition: Definition, status: str) -> SafeString | str:
    """A flow has one of each at most (flows/endings.py)."""
    return next((_what_ends(one) for one in definition.endings if one.status == status), "-")


def _what_ends(ending: Ending) -> SafeString:
    if ending.event is None:
        return rule_view(ending.rule)
    event = EventType.objects.get(pk=ending.event)
    return format_html("{} {}", event, rule_view(ending.rule)) if ending.rule else format_html("{}", event)


def _hours(version: FlowVersion) -> str:
    asked = version.send_when or {}
    window = f"{asked['opens']}-{asked['closes']}" if "opens" in asked else ""
    days = " ".join(Weekday(day).label for day in asked.get("weekdays", []))
    quiet = f"quiet hours {QuietHours(asked['quiet']).label}" if "quiet" in asked else ""
    return ", ".join(part for part in (window, days, quiet, asked.get("zone")) if part) or "at any hour"


def _late(definition: Definition) -> str:
    if definition.skip_after is None:
        return "send it all the same"
    return f"pass it over if it is later than due by {span(definition.skip_after)}"


def _share(percent: float) -> str:
    return f"{percent:g} %"


SETTINGS: dict[str, Callable[[FlowVersion, Definition], object]] = {
    "Enters on": lambda version, definition: flow_trigger.words(version),
    "Comes round": lambda version, definition: _schedule(definition),
    "Only if": lambda version, definition: rule_view(definition.entry_rule),
    "Only if not older than": lambda version, definition: (
        "no limit" if definition.max_event_age is None else span(definition.max_event_age)
    ),
    "Enter again?": lambda version, definition: _re_entry(definition),
    "Rollout": lambda version, definition: _share(definition.rollout_percent),
    "Holdout": lambda version, definition: _share(definition.holdout_percent),
    "Goal": lambda version, definition: _ending(definition, GOAL_REACHED),
    "Reason to stop": lambda version, definition: _ending(definition, EXITED),
    "Sender": lambda version, definition: str(version.sender),
    "Lane": lambda version, definition: Lane(version.lane).value,
    "Topic": lambda version, definition: str(version.topic or "-"),
    "Send window": lambda version, definition: _hours(version),
    "Mail after a wait that ends late": lambda version, definition: _late(definition),
    "If nobody knows whether it was sent": lambda version, definition: (
        UncertainPolicy(definition.uncertain_policy).label
    ),
}
