"""A flow with people in mid-flow, and a draft that is not what they walk any more."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from automation.enrollments.migrate import migrate
from automation.enrollments.migration_plan import MigrationPlan
from automation.enrollments.publish_with_plan import Choice, publish_with_plan
from automation.models import Enrollment, Flow, FlowVersion, Step
from tests.factories import make_enrollment, make_live_flow, make_template, send, wait

Action = MigrationPlan.Action


def make_changed_flow() -> Flow:
    """Live: welcome, wait, offer. The draft has a step `gift` instead of `offer`."""
    flow = make_live_flow(send(key="welcome"), {**wait(days=3), "key": "pause"}, send(key="offer"))
    Step.objects.filter(flow=flow, key="offer").update(key="gift", template=make_template())
    return flow


def make_waiting(flow: Flow, **fields: Any) -> Enrollment:
    """Had the first mail, and waits for the offer."""
    return make_enrollment(flow, **{"step_key": "offer", "visits": 2, "due_at": timezone.now(), **fields})


def publish_moving(flow: Flow, to: str = "gift", *, step: str = "offer") -> FlowVersion:
    assert flow.live_version_id is not None
    return publish_with_plan(flow=flow, choices=[Choice(flow.live_version_id, step, Action.MOVE, to)])


def publish_leaving(flow: Flow) -> FlowVersion:
    assert flow.live_version_id is not None
    return publish_with_plan(flow=flow, choices=[Choice(flow.live_version_id, "offer", Action.LEAVE)])


def move_everybody() -> int:
    moved = 0
    while count := migrate():
        moved += count
    return moved


def place_of(enrollment: Enrollment) -> tuple[int, str, str, datetime | None]:
    enrollment.refresh_from_db()
    return enrollment.flow_version_id, enrollment.status, enrollment.step_key, enrollment.due_at
