"""How a flow's draft stands: could it be published, and as what?"""

from dataclasses import dataclass

from automation.flows import definition, send_when
from automation.flows.graph import Graph
from automation.flows.models import Flow, FlowVersion
from automation.flows.validate import Fault, validate


@dataclass(frozen=True, slots=True)
class Draft:
    faults: list[Fault]  # Why it cannot be published; empty: it can.
    differs: bool  # From the live version. True if there is none.
    version: FlowVersion | None = None  # What it would be published as, not stored. None: it has faults.


def look_at(flow: Flow) -> Draft:
    """Reads the flow's steps and templates, writes nothing. The number of statements is constant."""
    graph, faults = validate(flow)
    if faults:
        return Draft(faults, differs=True)
    version, live = version_of(flow, graph), flow.live_version
    return Draft(faults, differs=live is None or live.content_hash != version.content_hash, version=version)


def version_of(flow: Flow, graph: Graph) -> FlowVersion:
    """What a draft without faults is published as, but for its number. Not stored."""
    stored = definition.to_json(flow, graph.steps, graph.start)
    return FlowVersion(
        flow=flow,
        trigger_kind=flow.trigger_kind,
        trigger_id=flow.trigger_id,
        trigger_key=flow.trigger_key,
        lane=flow.lane,
        topic_id=flow.topic_id,
        sender_id=flow.sender_id,
        send_when=send_when.to_json(flow),
        definition=stored,
        content_hash=definition.hash_of(flow, stored),
    )
