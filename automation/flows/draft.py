"""How a flow's draft stands: could it be published, and would that change anything?"""

from dataclasses import dataclass

from automation.flows import definition
from automation.flows.models import Flow
from automation.flows.validate import Fault, validate


@dataclass(frozen=True, slots=True)
class Draft:
    faults: list[Fault]  # Why it cannot be published; empty: it can.
    differs: bool  # From the live version. True if there is none.


def look_at(flow: Flow) -> Draft:
    """Reads the flow's steps and templates, writes nothing. The number of statements is constant."""
    graph, faults = validate(flow)
    live = flow.live_version
    if faults or live is None:
        return Draft(faults, differs=True)
    stored = definition.to_json(flow, graph.steps, graph.start)
    return Draft(faults, differs=live.content_hash != definition.hash_of(flow, stored))
