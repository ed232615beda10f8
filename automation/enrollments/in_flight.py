"""Who is walking a flow now: by version, and by the step that they wait for."""

from typing import NamedTuple

from django.db.models import Count

from automation.enrollments.models import Enrollment
from automation.flows.models import Flow


class Waiting(NamedTuple):
    version_id: int
    number: int
    step_key: str
    people: int


def in_flight(flow: Flow) -> list[Waiting]:
    """The latest version first. One statement, whose cost grows with the people."""
    here = Enrollment.objects.filter(flow_version__flow=flow, status=Enrollment.Status.ACTIVE)
    counted = here.values("flow_version_id", "flow_version__number", "step_key").annotate(people=Count("pk"))
    rows = counted.order_by("-flow_version__number", "-people", "step_key")
    return [Waiting(*row) for row in rows.values_list("flow_version_id", "flow_version__number", "step_key", "people")]
