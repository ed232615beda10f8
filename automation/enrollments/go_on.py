"""Going on: what happens to a contact lets those go on who have waited for it. In the transaction that brings it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from automation.contacts.change import changed
from automation.core import sql
from automation.core.json import Facts, JsonObject
from automation.enrollments.enter import facts_of
from automation.enrollments.mails_had import NONE, MailsHad, mails_had
from automation.enrollments.migrate import without_moved
from automation.enrollments.migration_plan import ARE_OPEN
from automation.enrollments.models import Enrollment
from automation.enrollments.recall import History, recall
from automation.enrollments.record import Walked, announce, place, record
from automation.enrollments.rest import Rest, end, look
from automation.enrollments.walk import Walk, walk
from automation.events.models import Event
from automation.flows.awaits import CHANGE
from automation.flows.clock import HOUSE_ZONE
from automation.flows.definition import Definition, of_version
from automation.flows.models import Flow
from automation.flows.steps import KINDS, Config, Heard, Move


def go_on(enrollment_ids: Sequence[UUID], events: Sequence[Event], *, at: datetime) -> None:
    """Let each of `enrollment_ids` go on if one of its contact's `events`, in their order, is what it waited for.

    The caller's transaction holds the contacts' locks, so the end of a wait (advance.py) has come before or comes after
    and finds it over: never both. Those of a paused flow hear nothing. A constant number of statements; none for
    nobody.
    """
    by_contact: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_contact[event.contact_id].append(event)
    _tell(
        _lock(enrollment_ids),
        {
            contact_id: [(event.pk, Heard(event.event_type_id, event.facts())) for event in own]
            for contact_id, own in by_contact.items()
        },
        at,
    )


def go_on_after_change(contact_ids: Sequence[int], *, at: datetime) -> None:
    """The same for who waits for these contacts, whom the caller has locked, to be changed."""
    waiting = Enrollment.objects.filter(
        contact__in=contact_ids, status=Enrollment.Status.ACTIVE, awaits__contains=[CHANGE]
    )
    change: tuple[UUID | None, Heard] = (None, Heard(CHANGE, {}))
    _tell(_lock(list(waiting.values_list("pk", flat=True))), {key: [change] for key in contact_ids}, at)


def _lock(enrollment_ids: Sequence[UUID]) -> Sequence[Enrollment]:
    if not enrollment_ids:
        return ()
    resting = Enrollment.objects.filter(
        pk__in=enrollment_ids, status=Enrollment.Status.ACTIVE, awaits__isnull=False
    ).exclude(flow__status=Flow.Status.PAUSED)
    told = resting.annotate(plans_are_open=ARE_OPEN, house_zone=HOUSE_ZONE)
    related = told.select_related("contact", "event", "awaited", "flow_version__sender")
    lean = related.defer("flow_version__definition", "event__decisions", "awaited__decisions")
    return list(lean.order_by("pk").select_for_update(of=("self",), no_key=True))


_Told = Mapping[int, Sequence[tuple[UUID | None, Heard]]]  # By contact: (event's id, what happened)


def _tell(waiting: Sequence[Enrollment], told: _Told, at: datetime) -> None:
    """Whom a migration plan concerns is moved instead: it has waited for that in a version that it is to leave."""
    enrollments = without_moved(waiting, at=at)
    if not enrollments:
        return
    past = recall(((of_version(one.flow_version), one.contact_id) for one in enrollments), at=at)
    had = mails_had(enrollments)
    moved = [
        walked
        for one in enrollments
        for walked in _walks(one, told[one.contact_id], past[one.contact_id], had.get(one.pk, NONE), at)
    ]
    record(moved, at=at)
    rests = {one.enrollment_id: one for one in moved}  # The last of its walks.
    rows = [
        {"id": key, "awaited_id": last.facts["awaited"].get("id"), **place(last.walk, at)}
        for key, last in rests.items()
    ]
    sql.update(Enrollment, rows)
    announce(moved)


def _walks(
    one: Enrollment, told: Sequence[tuple[UUID | None, Heard]], history: History, had: MailsHad, at: datetime
) -> list[Walked]:
    """All that it walks, one event after the other. What it entered on, and whatever came before that, it has heard."""
    house_zone: str | None = one.house_zone  # type: ignore[attr-defined]  # By `_lock`.
    facts = facts_of(one.event, one.contact, history, house_zone, one.awaited)
    ids = [event_id for event_id, _ in told]
    since_entry = told[ids.index(one.event_id) + 1 :] if one.event_id in ids else told
    rest, walks = Rest.of(one), list[Walked]()
    for _, heard in since_entry:
        place = _Place(of_version(one.flow_version), rest, had)
        facts, last = _walk(place, heard, facts, at) if rest.step_key else (facts, None)
        if last:
            rest = Rest.after(last)
            walks.append(Walked(one.pk, one.flow_version, one.contact, facts, last))
            for change in last.changes:
                facts = {**facts, "contact": {**facts["contact"], **changed(facts["contact"], change)}}
    return walks


class _Place(NamedTuple):
    definition: Definition
    rest: Rest
    had: MailsHad


def _walk(place: _Place, heard: Heard, facts: JsonObject, at: datetime) -> tuple[JsonObject, Walk | None]:
    """What this makes of who rests there: an end, a walk, another look, or nothing. With what is known by then."""
    definition, rest, had = place
    for ending in definition.endings:
        if trace := ending.by(heard.event_type, heard.event, facts, at):
            return facts, end(rest, ending, trace)
    move = _move(definition.steps[rest.step_key], facts, heard, rest.since, at)
    if move is None:
        return facts, _look(definition, rest, facts, at)
    facts = move.added_to(facts)
    return facts, walk(
        definition.steps,
        start=rest.step_key,
        visits=rest.visits,
        facts=facts,
        at=at,
        rests_since=rest.since,
        had=had,
        first=move,
        endings=definition.endings,
    )


def _look(definition: Definition, rest: Rest, facts: Facts, at: datetime) -> Walk | None:
    """What has happened may have put off, or brought near, when time alone ends the walk."""
    if not any(ending.turns for ending in definition.endings):
        return None
    looked = look(rest, definition.endings, facts, at)
    return None if looked.step_key and looked.look_at == rest.look_at else looked


def _move(config: Config, facts: Facts, heard: Heard, since: datetime | None, at: datetime) -> Move | None:
    """Nothing for who is only on the way to this step, or was never to hear of this."""
    kind = KINDS[config["kind"]]
    return kind.hear(config, facts, heard, since, at) if since and kind.hear else None
