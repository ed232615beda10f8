"""A draft compiled as far as it can be: whoever comes to a faulty step goes no further."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automation.core import rules
from automation.enrollments.schedule.audience import audience_rule
from automation.flows import definition, schedule
from automation.flows.definition import Definition
from automation.flows.models import Flow
from automation.flows.triggers import TriggerKind
from automation.flows.validate import validate


@dataclass(frozen=True, slots=True)
class Compiled:
    definition: Definition
    faults: Mapping[str, Sequence[str]]  # By step; empty: of the flow as a whole.


def compile_draft(flow: Flow) -> Compiled:
    """Without faults, what publishing would store. A rule that cannot be read keeps nobody out, and ends nothing."""
    graph, found = validate(flow)
    faults: dict[str, list[str]] = defaultdict(list)
    for fault in found:
        faults[fault.step_key].append(fault.message)
    steps = {key: {"kind": "exit"} if key in faults else config for key, config in graph.steps.items()}
    stored = definition.to_json(flow, steps, graph.start)
    rule = {} if rules.faults_of(flow.entry_rule) else flow.entry_rule
    stored["endings"] = [one for one in stored.get("endings", ()) if not rules.faults_of(one["rule"])]
    by_schedule = flow.trigger_kind == TriggerKind.SCHEDULE
    stored["entry_rule"] = audience_rule(rule, flow.trigger_key) if by_schedule else rule
    if by_schedule and schedule.faults(flow):
        del stored["schedule"]  # It may not even be one.
    return Compiled(definition.from_json(stored), faults)
