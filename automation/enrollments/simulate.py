"""Simulate: what a flow's draft would do for one contact, from entry to end, told without doing any of it.

The engine's own parts (decide, walk, hours, caps, render) on a virtual clock that is put on to the end of each wait.
"""

from collections.abc import Collection, Generator, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection

from automation.contacts.change import changed
from automation.contacts.models import Contact
from automation.core.json import Facts, JsonObject
from automation.delivery.hours import HOUSE
from automation.delivery.models.caps import CAPS
from automation.enrollments.enter import facts_of
from automation.enrollments.rest import Rest, look
from automation.enrollments.simulation.case import Case
from automation.enrollments.simulation.draft import compile_draft
from automation.enrollments.simulation.entry import entry
from automation.enrollments.simulation.hear import hear
from automation.enrollments.simulation.mail import foretell
from automation.enrollments.simulation.outbox import Outbox
from automation.enrollments.simulation.past import past
from automation.enrollments.simulation.told import About, Told
from automation.enrollments.walk import EndlessWalk, Walk, walk
from automation.enrollments.why import may_be_mailed
from automation.events.models import Event
from automation.flows.house_rules import HouseRules
from automation.flows.models import Flow
from automation.flows.steps import Move

# A loop through a wait may have no end. More, and nobody reads it.
MOST_RESTS: Final = 60


def simulate(
    flow: Flow,
    *,
    contact: Contact,
    event: Event | None,
    at: datetime,
    happens: Collection[str] = (),
    late: timedelta = timedelta(),
    even_if_refused: bool = False,
) -> list[Told]:
    """From the draft as it is stored. Writes nothing, wakes nobody; its statements are a few for each wait and mail.

    `contact` and `event` may be made up (`Contact(pk=0, …)`, not stored). No event: of a schedule, from `at` on. Keys
    in `happens`: steps at which what they wait for happens at once, as the sample of its event type; else each wait
    takes its time-out. `late`: by so much, the first wait that time ends comes to its end late. `even_if_refused`: walk
    on though it would not enter. Caps count what the contact has been sent, and the mails that go out here. Not
    foreseen: what other flows will send it, and goals and reasons to stop that want an event, but for those that happen
    at a step.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {HOUSE}, {CAPS}")
        hours, caps = cursor.fetchone()
    house = HouseRules.objects.first() or HouseRules()
    address = may_be_mailed(contact, flow, at=at)
    outbox = Outbox(flow, contact, house=hours, caps=caps, at=at)
    case = Case(flow, compile_draft(flow), contact, event, address, house, outbox, happens, late)
    return list(_tell(case, at, even_if_refused=even_if_refused))


def _tell(case: Case, at: datetime, *, even_if_refused: bool) -> Iterator[Told]:
    facts = facts_of(case.event, case.contact, {}, case.house.time_zone)
    zone, address = case.zone(facts), case.address
    for fault in case.draft.faults.get("", ()):
        yield Told(About.FAULT, fault, {}, at, zone, good=False)
    entered = entry(case, at=at)
    yield Told(About.ENTRY, entered.said, entered.seen, entered.begins_at, zone, good=entered.enters)
    if entered.enters or even_if_refused:
        yield Told(About.ADDRESS, address.said, address.seen, at, zone, good=address.good)
        yield from _walk(case, facts, entered.begins_at)


class _Place(NamedTuple):
    """Where the walk goes on, and when. `move`: what the step there has come to, if that is known."""

    rest: Rest
    at: datetime
    move: Move | None = None

    @property
    def ends_wait(self) -> bool:
        """By time alone. Else something has happened, or it is only looked at."""
        return self.move is None and self.rest.until == self.at


def _walk(case: Case, facts: JsonObject, at: datetime) -> Iterator[Told]:
    place: _Place | None = _Place(Rest.at_start(case.definition.start), at)
    late = case.late
    for _ in range(MOST_RESTS):
        if place is None:
            return
        at = place.at
        facts = {**facts, "history": past(case, at=at)}
        if place.move:
            facts = place.move.added_to(facts)
        try:
            walked = _go_on(case, place, facts)
        except EndlessWalk:
            key, zone = place.rest.step_key, case.zone(facts)
            yield Told(About.FAULT, "From here it would go on without end.", {}, at, zone, key, good=False)
            return
        yield from _steps(case, walked, facts, at)
        for change in walked.changes:
            facts = {**facts, "contact": {**facts["contact"], **changed(facts["contact"], change)}}
        place = yield from _rest(case, walked, facts, at)
        if late and place and place.ends_wait:
            place, late = place._replace(at=place.at + late), timedelta()
            yield Told(About.LATE, "late", {}, place.at, case.zone(facts))
    yield Told(About.END, "and_so_on", {}, at, case.zone(facts))


def _go_on(case: Case, place: _Place, facts: Facts) -> Walk:
    rest, at, move = place
    steps, endings = case.definition.steps, case.definition.endings
    if rest.until and rest.until > at and not move:
        return look(rest, endings, facts, at)
    return walk(
        steps,
        start=rest.step_key,
        visits=rest.visits,
        facts=facts,
        at=at,
        rests_since=rest.since,
        first=move,
        endings=endings,
        is_late=case.definition.is_late(rest.until or at, at),
    )


def _rest(case: Case, walked: Walk, facts: Facts, at: datetime) -> Generator[Told, None, _Place | None]:
    """Tells of an end, which has no place; else of what does not end a wait, though it was to."""
    key, zone = walked.step_key, case.zone(facts)
    if walked.due_at is None:
        if not (walked.runs and walked.runs[-1][0] in case.draft.faults):
            yield Told(About.END, walked.ended_as or "end", _withdrawn(case, walked, at), at, zone)
        return None
    listens = bool(key in case.happens and walked.awaits and walked.runs)  # Who is only looked at has heard it before.
    heard = hear(case, walked, facts, at) if listens else None
    if isinstance(heard, Walk):
        yield from _steps(case, heard, facts, at)
        return (yield from _rest(case, heard, facts, at))
    if heard:
        return _Place(Rest.after(walked), at, heard)
    if listens:
        yield Told(About.UNHEARD, "unheard", {}, at, zone, key, good=False)
    return _Place(Rest.after(walked), walked.look_at or walked.due_at)


def _withdrawn(case: Case, walked: Walk, at: datetime) -> JsonObject:
    """As withdraw.py has it."""
    latest = {mail.step_key for mail in walked.mails}
    unsent = case.outbox.unsent(at, latest=latest) if walked.ended_as else []
    return {"withheld_after_all": unsent} if unsent else {}


def _steps(case: Case, walked: Walk, facts: Facts, at: datetime) -> Iterator[Told]:
    """Each step run, and its mail. As in the engine, mails know the contact as it was when the walk began."""
    mails = {mail.visit: mail.template_id for mail in walked.mails}
    zone, faults = case.zone(facts), case.draft.faults
    for key, visit, result in walked.runs:
        if key in faults:
            yield from (Told(About.FAULT, fault, {}, at, zone, key, good=False) for fault in faults[key])
            continue
        until = walked.due_at if visit == walked.visits else None
        skip_after = case.definition.skip_after if until else None
        yield Told(About.STEP, result["kind"], result, at, zone, key, until=until, skip_after=skip_after)
        if visit in mails:
            mail = foretell(case, key, mails[visit], facts, at)
            yield Told(About.MAIL, "mail", {}, at, zone, key, good=not mail.trouble, mail=mail)
