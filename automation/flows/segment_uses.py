"""Which flows name a segment, and where: in the draft that marketers edit, and in the version that runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from automation.core import rules
from automation.core.json import JsonObject
from automation.flows.endings import GOAL_REACHED
from automation.flows.models import Flow, FlowVersion
from automation.flows.triggers import TriggerKind

Place = tuple[str, JsonObject]  # In words, and the rule that stands there.

# Events of segments have the segment's key here. One of another type may have such a field, too: rather one flow too
# many than one that nobody sees.
_KEYS_OF_EVENTS: Final = {"event.payload.segment", "awaited.payload.segment"}


@dataclass(frozen=True, slots=True)
class SegmentUse:
    flow: Flow
    draft: list[str]  # Where, in words.
    live: list[str]


def uses_of(segment_key: str) -> list[SegmentUse]:
    """By the flows' names. Two statements."""
    flows = Flow.objects.select_related("live_version").prefetch_related("steps").order_by("name")
    uses = (
        SegmentUse(
            flow,
            _naming(segment_key, _of_draft(flow)),
            _naming(segment_key, _of_version(flow.live_version) if flow.live_version else ()),
        )
        for flow in flows
    )
    return [use for use in uses if use.draft or use.live]


def _naming(segment_key: str, places: Iterable[Place]) -> list[str]:
    return [place for place, rule in places if not rules.faults_of(rule) and _names(rule, segment_key)]


def _names(rule: JsonObject, segment_key: str) -> bool:
    return any(
        leaf.get("segment") == segment_key
        or (leaf.get("field") in _KEYS_OF_EVENTS and segment_key in _listed(leaf["value"]))
        or _names(leaf.get("where", {}), segment_key)
        for leaf in rules.leaves(rule)
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _of_draft(flow: Flow) -> Iterator[Place]:
    yield from _trigger(flow)
    yield "who enters", flow.entry_rule
    yield "goal", flow.goal_rule
    yield "reason to stop", flow.exit_rule
    for step in flow.steps.all():
        yield f"step “{step.key}”", step.rule


def _of_version(version: FlowVersion) -> Iterator[Place]:
    yield from _trigger(version)
    yield "who enters", version.definition["entry_rule"]
    for ending in version.definition.get("endings", ()):
        yield "goal" if ending["status"] == GOAL_REACHED else "reason to stop", ending["rule"]
    for key, step in version.definition["steps"].items():
        yield f"step “{key}”", step.get("rule", {})


def _trigger(triggered: Flow | FlowVersion) -> Iterator[Place]:
    """What a form has left in a flow on an event does not count."""
    if triggered.trigger_kind != TriggerKind.EVENT and triggered.trigger_key:
        yield "trigger", {"segment": triggered.trigger_key}
