"""Would this contact enter, and when? By the event at hand, or at the next time of the schedule."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from automation.core import rules
from automation.core.json import JsonObject
from automation.core.lanes import Lane
from automation.enrollments.arms import Arm, arm_of
from automation.enrollments.enter import Decision, Verdict, decide, facts_of
from automation.enrollments.models import Enrollment, LastEntry
from automation.enrollments.schedule.turn import turn
from automation.enrollments.simulation.case import Case, is_made_up
from automation.enrollments.simulation.past import past
from automation.events.models import Event
from automation.flows.clock import zone_for
from automation.flows.definition import Definition
from automation.flows.models import ReEntry
from automation.flows.triggers import TriggerKind

DOES_NOT_LISTEN = "does_not_listen"
NO_TURN = "no_turn"


class Entry(NamedTuple):
    said: str  # A verdict, or one of the above.
    seen: JsonObject
    begins_at: datetime

    @property
    def enters(self) -> bool:
        return self.said == Verdict.ENTERED


def entry(case: Case, *, at: datetime) -> Entry:
    """By what holds at `at`, and the runs that there are."""
    return _by_schedule(case, at) if case.event is None else _by_event(case, case.event, at)


def _by_event(case: Case, event: Event, at: datetime) -> Entry:
    if not _listens(case, event):
        return Entry(DOES_NOT_LISTEN, {"event_type": event.event_type.name}, at)
    definition, held_out_of_all = _lots(case, at)
    history = past(case, at=at)
    decision = decide(
        definition, event=event, contact=case.contact, at=at, history=history, held_out_of_all=held_out_of_all
    )
    again_at = _again_at(case, event, decision, at)
    if again_at:
        return Entry(Verdict.RE_ENTRY_TOO_SOON, {"again_at": again_at.isoformat()}, at)
    again = decision.verdict is Verdict.ENTERED and _has_run(case, decision.entry_key)
    return Entry(Verdict.ALREADY_ENTERED if again else decision.verdict, decision.seen or {}, at)


def _listens(case: Case, event: Event) -> bool:
    flow = case.flow
    if event.event_type_id != flow.trigger_id:
        return False
    return flow.trigger_kind != TriggerKind.SEGMENT or event.payload.get("segment") == flow.trigger_key


def _lots(case: Case, at: datetime) -> tuple[Definition, float]:
    """With the percentage held out of everything. Chance has no place for who is not stored: it takes part."""
    house = case.house
    if is_made_up(case.contact):
        return replace(case.definition, rollout_percent=100.0, holdout_percent=0.0), 0.0
    in_force = house.holdout_since is None or house.holdout_since <= at
    holds_out = in_force and case.flow.lane != Lane.TRANSACTIONAL
    return case.definition, house.holdout_percent if holds_out else 0.0


def _again_at(case: Case, event: Event, decision: Decision, at: datetime) -> datetime | None:
    """When it would be time again, if now is too soon. As re_enter.py has it, but nothing is claimed."""
    pause = case.definition.re_entry_after
    if pause is None or decision.verdict not in {Verdict.ENTERED, Verdict.HELD_OUT}:
        return None
    last = LastEntry.objects.filter(contact=case.contact.pk, flow=case.flow).exclude(event_id=event.pk).first()
    return last.entered_at + pause if last and last.entered_at + pause > at else None


def _has_run(case: Case, entry_key: str) -> bool:
    return Enrollment.objects.filter(contact=case.contact.pk, flow=case.flow, entry_key=entry_key).exists()


def _by_schedule(case: Case, at: datetime) -> Entry:
    """When its turn comes; and who belongs to the audience is judged as it will be then."""
    definition, held_out_of_all = _lots(case, at)
    fallback = zone_for("", case.flow.time_zone, case.house.time_zone).key
    schedule = definition.schedule
    begins_at = turn(schedule, case.contact.facts(), fallback=fallback, at=at) if schedule else None
    if begins_at is None:
        return Entry(NO_TURN, {}, at)
    facts = facts_of(None, case.contact, past(case, at=begins_at))
    trace = rules.evaluate(definition.entry_rule, facts, at=begins_at)
    if not trace["result"]:
        return Entry(Verdict.RULE_FALSE, trace, begins_at)
    placed = arm_of(case.contact.pk, definition, held_out_of_all=held_out_of_all)
    if placed.arm is not Arm.IN:
        said = Verdict.HELD_OUT if placed.arm.is_held_out else Verdict.NOT_IN_ROLLOUT
        return Entry(said, {"place": placed.place, "percent": placed.percent}, begins_at)
    again = definition.re_entry == ReEntry.ONCE and _has_run(case, "")
    return Entry(Verdict.ALREADY_ENTERED if again else Verdict.ENTERED, trace, begins_at)
