"""Writing down what walks came to: step runs, messages, and where the enrollments rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from automation.contacts.models import Contact
from automation.core import sql
from automation.core.json import JsonObject
from automation.delivery.compose import Wish, compose
from automation.enrollments.models import Enrollment, StepRun
from automation.enrollments.walk import Walk
from automation.flows.models import FlowVersion


class Walked(NamedTuple):
    enrollment_id: UUID
    version: FlowVersion
    contact: Contact
    facts: JsonObject
    walk: Walk


def record(walked: Sequence[Walked], *, at: datetime) -> None:
    """Write the step runs and messages of these walks. A constant number of statements, in the caller's transaction."""
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


def place(walk: Walk, at: datetime) -> JsonObject:
    """The columns of Enrollment that say where it rests after this walk."""
    ended = walk.due_at is None
    return {
        "status": (Enrollment.Status.COMPLETED if ended else Enrollment.Status.ACTIVE).value,
        "step_key": walk.step_key,
        "visits": walk.visits,
        "due_at": walk.due_at,
        "attempts": 0,
        "ended_at": at if ended else None,
    }
