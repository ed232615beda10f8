"""What must be right before a draft can run, said in a marketer's words, each fault at its step."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from automation.core import rules
from automation.core.lanes import Lane
from automation.flows import endings, schedule, send_when
from automation.flows.awaited import at_hand
from automation.flows.graph import MAX_STEPS, Graph
from automation.flows.models import Flow, ReEntry, Step
from automation.flows.schema import AtHand, called, knows_path, unknown_fields
from automation.flows.steps import KINDS
from automation.flows.triggers import TriggerKind


@dataclass(frozen=True, slots=True)
class Fault:
    step_key: str  # Empty: it is about the flow as a whole.
    message: str

    def __str__(self) -> str:
        return f"Step “{self.step_key}”: {self.message}" if self.step_key else self.message


def validate(flow: Flow) -> tuple[Graph, list[Fault]]:
    """The flow's compiled graph and everything that is wrong with its draft. With faults, the graph is of no use."""
    steps = list(flow.steps.select_related("template__live_version").order_by("position", "id"))
    faults = [Fault("", message) for message in _flow_faults(flow, steps)]
    if not steps:
        return Graph("", {}, {}), faults
    graph = _compile(steps)
    known = at_hand(flow, graph)
    faults += [Fault(step.key, message) for step in steps for message in KINDS[step.kind].faults(step, known[step.key])]
    faults += _dead_ends(graph)
    return graph, faults or _graph_faults(graph)


def _flow_faults(flow: Flow, steps: list[Step]) -> list[str]:
    faults = []
    if not steps:
        faults.append("There are no steps yet. Add at least one.")
    if len(steps) > MAX_STEPS:
        faults.append(f"A flow may have {MAX_STEPS} steps at most. This one has {len(steps)}.")
    if flow.lane == Lane.TRANSACTIONAL and flow.topic_id:
        faults.append("A transactional flow has no topic: nobody can unsubscribe from it. Remove the topic.")
    if flow.lane != Lane.TRANSACTIONAL and not flow.topic_id:
        faults.append("Choose a topic that people can unsubscribe from, or put the flow in the transactional lane.")
    if flow.lane == Lane.TRANSACTIONAL and flow.holdout_percent:
        faults.append("A transactional flow holds nobody out: its mail was asked for. Set the holdout to 0.")
    if flow.late_after < timedelta(minutes=1):
        faults.append("Say how late is too late (at least one minute).")
    faults += _trigger_faults(flow) + send_when.faults(flow) + _re_entry_faults(flow) + _entry_rule_faults(flow)
    return faults + endings.faults(flow)


def _trigger_faults(flow: Flow) -> list[str]:
    if flow.trigger_kind == TriggerKind.SEGMENT and not flow.trigger_key:
        return ["Choose the segment."]
    found = schedule.faults(flow) if flow.trigger_kind == TriggerKind.SCHEDULE else []
    return found + (unknown_fields({"segment": flow.trigger_key}, AtHand(flow.trigger)) if flow.trigger_key else [])


def _re_entry_faults(flow: Flow) -> list[str]:
    if flow.re_entry == ReEntry.AFTER:
        return _pause_faults(flow)
    if flow.re_entry != ReEntry.PER_KEY or flow.trigger is None:
        return []
    if not flow.re_entry_path.startswith("event."):
        return ["“Once per key” needs the field that tells runs apart, such as event.payload.cart_id."]
    if not knows_path(flow.trigger, flow.re_entry_path):
        return [f"“Once per key” asks for {flow.re_entry_path}, which {called(flow.trigger)} does not have."]
    return []


def _pause_faults(flow: Flow) -> list[str]:
    if flow.trigger_kind == TriggerKind.SCHEDULE:
        return ["“Again after a time” is for events and segments: how often a schedule comes round, it says itself."]
    if flow.re_entry_after is None or flow.re_entry_after < timedelta(seconds=1):
        return ["“Again after a time” needs the time (at least one second)."]
    return []


def _entry_rule_faults(flow: Flow) -> list[str]:
    try:
        rules.check(flow.entry_rule)
    except rules.RuleInvalid as error:
        return [f"The entry rule cannot be read. {error}"]
    return unknown_fields(flow.entry_rule, AtHand(flow.trigger))


def _compile(steps: list[Step]) -> Graph:
    compiled = {}
    for step, below in zip_longest(steps, steps[1:]):
        config = KINDS[step.kind].compile(step, below.key if below else None)
        compiled[step.key] = {"kind": step.kind, **config}
    leads_to = {key: KINDS[config["kind"]].leads_to(config) for key, config in compiled.items()}
    return Graph(next(iter(compiled), ""), compiled, leads_to)


def _dead_ends(graph: Graph) -> list[Fault]:
    return [
        Fault(key, f"There is no step “{following}” to go to.")
        for key, all_following in graph.leads_to.items()
        for following in dict.fromkeys(all_following)
        if following is not None and following not in graph.steps
    ]


def _graph_faults(graph: Graph) -> list[Fault]:
    reachable, ending = graph.reachable(), graph.reaches_end()
    loops = graph.restless_loops(lambda key: KINDS[graph.steps[key]["kind"]].waits)
    return [
        *(Fault(key, "No way leads here.") for key in graph.steps if key not in reachable),
        *(Fault(key, "No way leads from here to an end.") for key in graph.steps if key not in ending),
        *(Fault(key, "This step would repeat without end. Put a wait into the loop.") for key in sorted(loops)),
    ]
