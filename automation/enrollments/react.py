"""The react pump: decide on new events, enter contacts into flows, and run their first steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from automation.contacts.models import Contact
from automation.core import pump, sql
from automation.core.ids import new_id
from automation.core.json import JsonObject
from automation.enrollments.enter import Decision, Verdict, decide, facts_of
from automation.enrollments.go_on import go_on
from automation.enrollments.hold_out import HeldOut, hold_out
from automation.enrollments.keep_out import keep_out
from automation.enrollments.listening import NOBODY, Heard, listening
from automation.enrollments.models import Enrollment
from automation.enrollments.passed_over import keep
from automation.enrollments.re_enter import Entrant, too_soon
from automation.enrollments.recall import History, recall
from automation.enrollments.record import Walked, announce, place, record
from automation.enrollments.walk import walk
from automation.events.models import Event
from automation.flows.definition import of_version
from automation.flows.models import FlowVersion
from automation.segments.mark import mark

# More events in one transaction cost less each, but hold their contacts' locks longer.
BATCH = 200


class Considered(NamedTuple):
    event: Event
    contact: Contact
    history: History
    version: FlowVersion
    decision: Decision


def react_to_due_events() -> int:
    """Decide on one batch of new events, in one transaction. Returns how many it claimed; 0 when none is due."""
    return pump.transact(_claim, lambda events: react(events, at=timezone.now()))


def _claim() -> Sequence[Event]:
    return list(Event.objects.lock_due(timezone.now(), BATCH))


def react(events: Sequence[Event], *, at: datetime) -> None:
    """Decide on `events`, which the caller's transaction has locked. The number of statements is constant.

    Contacts are locked in the order of their ids, so that one person's events are decided one after another and
    pumps cannot deadlock. Every decision, also not to enter somebody, is kept with its event.
    """
    contacts = Contact.objects.lock(event.contact_id for event in events)
    events = keep_out(events, contacts)
    mark([event for event in events if event.moves_segments])
    listeners, resting = listening(events)
    heard = [(event, listeners.get(event.event_type_id, NOBODY).hear(event)) for event in events]
    meetings = [(event, version) for event, (versions, _) in heard for version in versions]
    past = recall(((of_version(version), event.contact_id) for event, version in meetings), at=at)
    considered = [
        Considered(event, contact, history, version, _decide(version, event, contact, history, at))
        for event, version in meetings
        for contact, history in [(contacts[event.contact_id], past[event.contact_id])]
    ]
    considered = _with_pauses(considered, at)
    begun = _enter([one for one in considered if one.decision.verdict is Verdict.ENTERED], at)
    hold_out(
        [
            HeldOut(one.contact.pk, one.version, one.decision.entry_key, one.decision.arm)
            for one in considered
            if one.decision.arm.is_held_out
        ],
        at=at,
    )
    keep(listeners[event.event_type_id] for event, (_, passed_over) in heard if passed_over)
    go_on([*resting, *begun.resting], events, at=at)
    _keep_decisions(heard, considered, begun.entered)


def _decide(version: FlowVersion, event: Event, contact: Contact, history: History, at: datetime) -> Decision:
    held_out_of_all: float | None = version.held_out_of_all  # type: ignore[attr-defined]  # By `listening`.
    definition, held_out_of_all = of_version(version), held_out_of_all or 0.0
    return decide(definition, event=event, contact=contact, at=at, history=history, held_out_of_all=held_out_of_all)


def _with_pauses(considered: Sequence[Considered], at: datetime) -> list[Considered]:
    """Who would come back too soon does not, and is not held out either, so that both remain comparable."""
    entrants = [
        Entrant(one.contact.pk, one.version.flow_id, one.event.pk, pause)
        for one in considered
        if one.decision.verdict in {Verdict.ENTERED, Verdict.HELD_OUT}
        and (pause := of_version(one.version).re_entry_after)
    ]
    again_at = too_soon(entrants, at=at)
    return [
        one._replace(decision=Decision(Verdict.RE_ENTRY_TOO_SOON, seen={"again_at": again_at[key].isoformat()}))
        if (key := (one.event.pk, one.version.flow_id)) in again_at
        else one
        for one in considered
    ]


class Begun(NamedTuple):
    entered: set[tuple[UUID, int]]  # (event id, flow id)
    resting: Sequence[UUID]  # Enrollments that another event may let go on, perhaps one of this very batch.


def _enter(admitted: Sequence[Considered], at: datetime) -> Begun:
    """Write enrollments whose first steps have been run.

    The unique constraint has the last word: of two events that would begin the same run, one does.
    """
    walks = {walked.enrollment_id: walked for walked in (_begin(one, at) for one in admitted)}
    rows = [
        {
            "id": walked.enrollment_id,
            "contact_id": one.contact.pk,
            "flow_id": one.version.flow_id,
            "flow_version_id": one.version.pk,
            "event_id": one.event.pk,
            "entry_key": one.decision.entry_key,
            "entered_at": at,
            **place(walked.walk, at),
            "failure": "",
        }
        for one, walked in zip(admitted, walks.values(), strict=True)
    ]
    written = sql.insert(Enrollment, rows, conflict="contact_id, flow_id, entry_key", returning="id, event_id, flow_id")
    begun = [walks[enrollment_id] for enrollment_id, _, _ in written]
    record(begun, at=at)
    announce(begun)
    resting = [one.enrollment_id for one in begun if one.walk.awaits]
    return Begun({(event_id, flow_id) for _, event_id, flow_id in written}, resting)


def _begin(one: Considered, at: datetime) -> Walked:
    house_zone: str | None = one.version.house_zone  # type: ignore[attr-defined]  # By `listening`.
    definition, facts = of_version(one.version), facts_of(one.event, one.contact, one.history, house_zone)
    steps = walk(definition.steps, start=definition.start, visits=0, facts=facts, at=at, endings=definition.endings)
    return Walked(new_id(), one.version, one.contact, facts, steps)


def _keep_decisions(
    heard: Sequence[tuple[Event, Heard]], considered: Sequence[Considered], entered: set[tuple[UUID, int]]
) -> None:
    decisions: dict[UUID, list[JsonObject]] = {event.pk: [] for event, _ in heard}
    for event, _, _, version, decision in considered:
        verdict = decision.verdict
        if verdict is Verdict.ENTERED and (event.pk, version.flow_id) not in entered:
            verdict = Verdict.ALREADY_ENTERED
        decisions[event.pk].append(
            {
                "flow": version.flow_id,
                "version": version.number,
                "verdict": verdict,
                "entry_key": decision.entry_key,
                "seen": decision.seen,
            }
        )
    sql.update(
        Event,
        [
            {
                "id": event.pk,
                "status": Event.Status.DECIDED.value,
                "decisions": decisions[event.pk],
                "listeners_key": passed_over,
            }
            for event, (_, passed_over) in heard
        ],
    )
