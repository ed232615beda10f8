"""Plan: see to it that the next time of every live schedule stands in the database."""

from datetime import datetime
from functools import lru_cache

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from automation.enrollments.occurrences import WALL, Occurrence
from automation.flows.definition import of_version
from automation.flows.models import Flow, FlowVersion
from automation.flows.schedule import Schedule
from automation.flows.triggers import TriggerKind

Status = Occurrence.Status
OPEN = [Status.PLANNED, Status.RUNNING, Status.PAUSED]


def plan() -> None:
    """Idempotent, and any number may do it at once. Three statements where there is nothing to plan.

    What was planned for a version that is live no more is planned anew. A time that lay before its version was
    published does not come, and none comes twice.
    """
    archived = Occurrence.objects.filter(status__in=OPEN, flow__status=Flow.Status.ARCHIVED)
    archived.update(status=Status.STOPPED, reason="The flow was archived.", due_at=None, ended_at=Now())
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_OUTDATED)
    planned = [_next(version) for version in _unplanned()]
    Occurrence.objects.bulk_create([one for one in planned if one], ignore_conflicts=True)


# As text, since Django would first look for enrollments, which what has not begun does not have.
_FORGET_OUTDATED = """
DELETE FROM automation_occurrence AS occurrence USING automation_flow AS flow
WHERE occurrence.status = 'planned' AND flow.id = occurrence.flow_id
  AND flow.live_version_id <> occurrence.flow_version_id
"""


def _unplanned() -> QuerySet[FlowVersion]:
    """Live versions whose next time is not planned, each with the last time that its flow came round."""
    own = Occurrence.objects.filter(flow=OuterRef("flow"))
    live = FlowVersion.objects.filter(
        trigger_kind=TriggerKind.SCHEDULE, flow__status=Flow.Status.LIVE, flow__live_version=F("pk")
    )
    last = own.order_by("-wall_time").values("wall_time")[:1]
    return live.exclude(Exists(own.filter(status=Status.PLANNED))).annotate(last_wall=Subquery(last))


def _next(version: FlowVersion) -> Occurrence | None:
    schedule = of_version(version).schedule
    assert schedule is not None  # noqa: S101  # By its kind of trigger.
    last: str | None = version.last_wall  # type: ignore[attr-defined]  # By `_unplanned`.
    wall = next_wall(schedule, version.published_at, last)
    if wall is None:
        return None
    return Occurrence(
        flow_id=version.flow_id, flow_version=version, wall_time=wall.strftime(WALL), due_at=schedule.begins(wall)
    )


@lru_cache(maxsize=1024)  # What comes no more is asked for at every heartbeat.
def next_wall(schedule: Schedule, published_at: datetime, last: str | None) -> datetime | None:
    """The first time since it was published that is later than `last`. Pure."""
    coming = schedule.first_since(published_at)
    if coming is None or last is None or coming.strftime(WALL) > last:
        return coming
    return schedule.next_time(datetime.strptime(last, WALL))  # noqa: DTZ007  # By the wall clock.
