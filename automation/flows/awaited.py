"""Which event has ended the latest wait for one, at each step of a flow: seen from its shape, before anybody walks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from automation.events.models import EventType
from automation.flows.graph import Graph
from automation.flows.models import Flow
from automation.flows.schema import AtHand
from automation.flows.steps import KINDS

# Stands among event types for none: there was no such wait, or its time was over first. No event type has this id.
NOTHING: Final = 0


def at_hand(flow: Flow, graph: Graph) -> Mapping[str, AtHand]:
    """By step, the events that whoever comes there brings along. One statement, if any step waits for an event."""
    found = awaited(graph)
    types = EventType.objects.in_bulk(set[int]().union(*found.values()) - {NOTHING})
    return {key: AtHand(flow.trigger, _sure(found.get(key, frozenset()), types)) for key in graph.steps}


def awaited(graph: Graph) -> Mapping[str, frozenset[int]]:
    """By step that can be reached, the types of event of which one has ended the latest wait on every way there.

    With NOTHING among them, there is a way on which no event has.
    """
    found: dict[str, frozenset[int]] = defaultdict(frozenset)
    waiting: list[tuple[str | None, frozenset[int]]] = [(graph.start, frozenset({NOTHING}))]
    while waiting:
        key, brought = waiting.pop()
        if key and key in graph.steps and not brought <= found[key]:
            found[key] |= brought
            waiting.extend(_ways(graph, key, found[key]))
    return found


def _ways(graph: Graph, key: str, brought: frozenset[int]) -> Iterator[tuple[str | None, frozenset[int]]]:
    """Where that step leads, and what they bring along who go there."""
    config, ways = graph.steps[key], list(graph.leads_to[key])
    if by_event := KINDS[config["kind"]].by_event:
        way, event_type = by_event(config)
        ways.remove(way)  # Once: another way of it may lead there, too.
        yield way, frozenset({event_type})
    yield from ((way, brought) for way in ways)


def _sure(brought: frozenset[int], types: Mapping[int, EventType]) -> list[EventType]:
    return [] if NOTHING in brought else [types[one] for one in sorted(brought)]
