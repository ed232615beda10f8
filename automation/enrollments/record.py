"""Writing down what walks came to: step runs, messages, and where the enrollments rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from automation.contacts.change import COLUMNS, changed
from automation.contacts.models import Contact
from automation.contacts.signals import contacts_changed
from automation.core import sql
from automation.core.json import JsonObject
from automation.delivery.compose import Wish, compose
from automation.delivery.withdraw import withdraw
from automation.enrollments.models import Enrollment, StepRun
from automation.enrollments.walk import Walk
from automation.flows.models import FlowVersion
from automation.hooks import write as hooks


class Walked(NamedTuple):
    enrollment_id: UUID
    version: FlowVersion
    contact: Contact
    facts: JsonObject
    walk: Walk


def record(walked: Sequence[Walked], *, at: datetime) -> None:
    """Write the step runs and messages of these walks, and what they changed of contacts, who are locked.

    A constant number of statements, in the caller's transaction.
    """
    runs = [
        {"enrollment_id": one.enrollment_id, "step_key": key, "visit": visit, "result": result, "ran_at": at}
        for one in walked
        for key, visit, result in one.walk.runs
    ]
    sql.insert(StepRun, runs)
    wishes = [
        Wish(one.enrollment_id, mail.step_key, mail.visit, mail.template_id, one.version, one.contact, one.facts)
        for one in walked
        for mail in one.walk.mails
    ]
    compose(wishes, at=at)
    withdraw({one.enrollment_id: one.walk.ended_as for one in walked if one.walk.ended_as})
    hooks.write(
        [
            hooks.Wish(one.enrollment_id, hook.step_key, hook.visit, one.contact.pk, one.version.flow_id, **hook.call)
            for one in walked
            for hook in one.walk.hooks
        ],
        at=at,
    )
    _change([one for one in walked if one.walk.changes], at)


def _change(walked: Sequence[Walked], at: datetime) -> None:
    """One change after the other, so that of two runs of one contact neither undoes what the other did."""
    contacts: dict[int, Contact] = {}
    for one in walked:
        contact = contacts.setdefault(one.contact.pk, one.contact)
        for change in one.walk.changes:
            for name, value in changed(contact.facts(), change).items():
                setattr(contact, name, value)
    sql.update(Contact, [_columns(contact, at) for contact in contacts.values()])


def _columns(contact: Contact, at: datetime) -> JsonObject:
    names = ("attributes", *COLUMNS)
    return {"id": contact.pk, **{name: getattr(contact, name) for name in names}, "updated_at": at}


def announce(walked: Sequence[Walked]) -> None:
    """Tell of contacts whom these walks have changed: others may wait for that. When all stand where they rest."""
    if changed_ids := sorted({one.contact.pk for one in walked if one.walk.changes}):
        contacts_changed.send(Contact, contact_ids=changed_ids)


def place(walk: Walk, at: datetime) -> JsonObject:
    """The columns of Enrollment that say where it rests after this walk."""
    ended = walk.due_at is None
    return {
        "status": walk.ended_as or (Enrollment.Status.COMPLETED if ended else Enrollment.Status.ACTIVE).value,
        "step_key": walk.step_key,
        "visits": walk.visits,
        "due_at": walk.look_at or walk.due_at,
        "waits_until": walk.due_at if walk.look_at else None,
        "rests_since": walk.rests_since,
        "awaits": list(walk.awaits) or None,
        "attempts": 0,
        "ended_at": at if ended else None,
    }
