"""What must be right before a draft can run, said in a marketer's words, each fault at its step."""

from dataclasses import dataclass

from automation.core import rules
from automation.core.lanes import Lane
from automation.flows.graph import Graph
from automation.flows.models import Flow, ReEntry, Step
from automation.flows.schema import knows_path
from automation.flows.steps import KINDS
from templates_app.models import Template


@dataclass(frozen=True, slots=True)
class Fault:
    step_key: str  # Empty: it is about the flow as a whole.
    message: str

    def __str__(self) -> str:
        return f"Step “{self.step_key}”: {self.message}" if self.step_key else self.message


def validate(flow: Flow) -> tuple[Graph, list[Fault]]:
    """The flow's compiled graph and everything that is wrong with its draft. With faults, the graph is of no use."""
    steps = list(flow.steps.select_related("template__live_version").order_by("position", "id"))
    faults = [Fault("", message) for message in _flow_faults(flow)]
    if not steps:
        return Graph("", {}, {}), [*faults, Fault("", "There are no steps yet. Add at least one.")]
    faults += [Fault(step.key, message) for step in steps for message in _step_faults(step, steps)]
    if faults:
        return Graph("", {}, {}), faults
    graph = _compile(steps)
    faults += _graph_faults(graph)
    faults += [Fault(step.key, message) for step in steps if step.template for message in _unknown(flow, step.template)]
    faults += [
        Fault(step.key, m) for step in steps if step.rule for m in _unknown_fields(flow, rules.fields(step.rule))
    ]
    return graph, faults


def _flow_faults(flow: Flow) -> list[str]:
    faults = []
    if flow.lane == Lane.TRANSACTIONAL and flow.topic_id:
        faults.append("A transactional flow has no topic: nobody can unsubscribe from it. Remove the topic.")
    if flow.lane != Lane.TRANSACTIONAL and not flow.topic_id:
        faults.append("Choose a topic that people can unsubscribe from, or put the flow in the transactional lane.")
    if flow.re_entry == ReEntry.PER_KEY and not flow.re_entry_path.startswith("event."):
        faults.append("“Once per key” needs the field that tells runs apart, such as event.payload.cart_id.")
    try:
        rules.check(flow.entry_rule)
    except rules.RuleInvalid as error:
        return [*faults, f"The entry rule cannot be read. {error}"]
    paths = rules.fields(flow.entry_rule)
    return faults + _unknown_fields(flow, paths | ({flow.re_entry_path} if flow.re_entry_path else set()))


def _step_faults(step: Step, steps: list[Step]) -> list[str]:
    keys = {other.key for other in steps}
    missing = [key for key in (step.next_key, step.else_key) if key and key not in keys]
    return KINDS[step.kind].faults(step) + [f"There is no step “{key}” to go to." for key in missing]


def _compile(steps: list[Step]) -> Graph:
    compiled = {}
    for step, below in zip(steps, [*steps[1:], None], strict=True):
        config = KINDS[step.kind].compile(step, below.key if below else None)
        compiled[step.key] = {"kind": step.kind, **config}
    leads_to = {key: KINDS[config["kind"]].leads_to(config) for key, config in compiled.items()}
    return Graph(steps[0].key, compiled, leads_to)


def _graph_faults(graph: Graph) -> list[Fault]:
    reachable, ending = graph.reachable(), graph.reaches_end()
    loops = graph.restless_loops(lambda key: KINDS[graph.steps[key]["kind"]].waits)
    return [
        *(Fault(key, "No way leads here.") for key in graph.steps if key not in reachable),
        *(Fault(key, "No way leads from here to an end.") for key in graph.steps if key not in ending),
        *(Fault(key, "This step would repeat without end. Put a wait into the loop.") for key in sorted(loops)),
    ]


def _unknown(flow: Flow, template: Template) -> list[str]:
    """Variables of a template that the flow's event cannot fill and that have nothing to fall back on."""
    declared = template.live_version.variables if template.live_version else []
    return [
        f"The template “{template.name}” needs {variable['path']}, which “{flow.trigger}” does not have."
        for variable in declared
        if variable["missing"] == "refuse" and not knows_path(flow.trigger, variable["path"])
    ]


def _unknown_fields(flow: Flow, paths: set[str]) -> list[str]:
    return [
        f"The rule asks for {path}, which “{flow.trigger}” does not have."
        for path in sorted(paths)
        if not knows_path(flow.trigger, path)
    ]
