"""What ends a walk before its last step: its goal is reached, or there is a reason to stop. Looked at all along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.core import rules
from automation.core.json import Facts, JsonObject
from automation.events.models import EventType
from automation.flows.awaits import awaits_of
from automation.flows.models import Flow
from automation.flows.schema import AtHand, unknown_fields

GOAL_REACHED, EXITED = "goal_reached", "exited"  # As an enrollment's status, and the reason of mail held back.


@dataclass(frozen=True, slots=True)
class Ending:
    status: str
    event: int | None  # The type of event that may end it. None: the rule alone, whenever its answer may be another.
    rule: JsonObject  # With an event, `event` is that one; else the one that the walk began with.
    awaits: tuple[int, ...]
    turns: bool  # Time alone may end the walk by it.

    def by_itself(self, facts: Facts, at: datetime) -> JsonObject | None:
        """The trace, if it ends the walk with nothing happening."""
        return self._trace(facts, at) if self.event is None else None

    def by(self, event_type: int, event: JsonObject, facts: Facts, at: datetime) -> JsonObject | None:
        """The trace, if this event, or a change of the contact, ends the walk."""
        if event_type not in self.awaits:
            return None
        return self._trace(facts if self.event is None else {**facts, "event": event}, at)

    def _trace(self, facts: Facts, at: datetime) -> JsonObject | None:
        trace = rules.evaluate(self.rule, facts, at=at)
        return trace if trace["result"] else None


def ended_by(endings: Sequence[Ending], facts: Facts, at: datetime) -> tuple[Ending, JsonObject] | None:
    """What ends the walk with nothing happening, and its trace."""
    return next(((one, trace) for one in endings if (trace := one.by_itself(facts, at))), None)


def look_at(endings: Sequence[Ending], facts: Facts, *, at: datetime, until: datetime) -> datetime | None:
    """When time alone may end the walk of who waits until `until`, before that; None: it cannot."""
    turns = (rules.next_change(one.rule, facts, at=at) for one in endings if one.turns)
    return min((turn for turn in turns if turn and turn < until), default=None)


def all_awaits(endings: Sequence[Ending], own: Iterable[int]) -> tuple[int, ...]:
    """With what the step where somebody rests awaits on its `own`."""
    return tuple(sorted({*own, *(one for ending in endings for one in ending.awaits)}))


def to_json(flow: Flow) -> JsonObject:
    """Nothing for a flow that only ends at its steps."""
    told = [
        {
            "status": status,
            "event": event.pk if event else None,
            "rule": rule,
            "awaits": [event.pk] if event else awaits_of(rule),
        }
        for status, event, rule in _endings(flow)
    ]
    return {"endings": told} if told else {}


def from_json(stored: JsonObject) -> Sequence[Ending]:
    return tuple(
        Ending(
            one["status"],
            one["event"],
            one["rule"],
            tuple(one["awaits"]),
            turns=one["event"] is None and rules.reads(one["rule"]).clock,
        )
        for one in stored.get("endings", ())
    )


def faults(flow: Flow) -> list[str]:
    found = []
    for status, event, rule in _endings(flow):
        what = "goal" if status == GOAL_REACHED else "reason to stop"
        try:
            rules.check(rule)
        except rules.RuleInvalid as error:
            found.append(f"The rule of the {what} cannot be read. {error}")
        else:
            found += [f"The {what}: {fault}" for fault in unknown_fields(rule, AtHand(event or flow.trigger))]
    return found


def _endings(flow: Flow) -> Iterator[tuple[str, EventType | None, JsonObject]]:
    """Whoever has reached the goal has done so, even if there was a reason to stop as well."""
    if flow.goal_event or flow.goal_rule:
        yield GOAL_REACHED, flow.goal_event, flow.goal_rule
    if flow.exit_event or flow.exit_rule:
        yield EXITED, flow.exit_event, flow.exit_rule
