"""A broadcast to 100,000 contacts: how long it takes until they have entered, and until their first step was run."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from statistics import median

from django.db import connection
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.enrollments.occurrences import TASK, WALL, Occurrence
from automation.flows.models import Flow, Step
from automation.flows.publish import publish
from automation.flows.triggers import Timing, TriggerKind
from automation.models import Enrollment, FlowVersion
from benchmarks.ground import Ground
from benchmarks.run import Figures

CONTACTS = 100_000
WITHIN_S = 300.0
LONG_AGO = date(2020, 1, 1)  # So that nothing is planned: each round begins at its own moment.

_CROWD = """
INSERT INTO automation_contact (external_id, email, attributes, time_zone, language, region, created_at, updated_at)
SELECT 'crowd-' || n, 'crowd-' || n || '@example.com', '{"plan": "pro"}', 'Europe/Lisbon', 'en', 'EU', now(), now()
FROM generate_series(1, %s) AS n
"""
_FORGET = (
    "DELETE FROM automation_steprun USING automation_enrollment AS e WHERE e.id = enrollment_id AND occurrence_id > 0",
    "DELETE FROM automation_enrollment WHERE occurrence_id IS NOT NULL",
    "DELETE FROM automation_occurrence",
)


def run(ground: Ground) -> Figures:
    """The mails themselves are another matter (`drain`): the first step of these contacts is a wait."""
    version = _publish()
    _execute((_CROWD, [CONTACTS]))
    entered, walked = [], []
    for n in range(1, ground.rounds + 1):
        ground.rest()
        enter_s, walk_s = _broadcast(version, n)
        ground.say(f"  broadcast {n}: {CONTACTS:,} entered in {enter_s:.1f} s, walked in {walk_s:.1f} s")
        entered.append(enter_s)
        walked.append(walk_s)
        _execute(*((statement, []) for statement in _FORGET))
    _execute(("DELETE FROM automation_contact WHERE external_id LIKE 'crowd-%%'", []))
    return {"broadcast_100k_s": median(entered), "broadcast_100k_walked_s": median(walked)}


def _publish() -> FlowVersion:
    cart = Flow.objects.get(key="abandoned-cart")
    flow = Flow.objects.create(
        key="broadcast",
        name="Broadcast",
        trigger_kind=TriggerKind.SCHEDULE,
        timing=Timing.ONCE,
        day=LONG_AGO,
        clock=clock(9),
        clock_zone="UTC",
        entry_rule={"field": "contact.attributes.plan", "op": "eq", "value": "pro"},
        re_entry="always",
        lane=Lane.BULK,
        topic=cart.topic,
        sender=cart.sender,
    )
    Step.objects.create(flow=flow, key="wait", kind="wait", wait_for=timedelta(days=365))
    return publish(flow=flow)


def _broadcast(version: FlowVersion, number: int) -> tuple[float, float]:
    """Seconds from when it is due until all have entered, and until the first step of all has been run."""
    wall = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)).strftime(WALL)
    began = timezone.now()
    Occurrence.objects.create(flow_id=version.flow_id, flow_version=version, wall_time=wall, due_at=began)
    wake(TASK)
    waiting = Enrollment.objects.filter(occurrence__flow=version.flow_id, visits=0)
    ended = _when(lambda: Occurrence.objects.filter(wall_time=wall, status="done").exists())
    walked = _when(lambda: not waiting.exists())
    return ended - began.timestamp(), walked - began.timestamp()


def _when(is_so: Callable[[], bool]) -> float:
    """The moment at which it is so, to a twentieth of a second."""
    for _ in range(int(WITHIN_S / 0.05)):
        if is_so():
            return time.time()
        time.sleep(0.05)
    raise TimeoutError("The broadcast did not come to an end.")


def _execute(*statements: tuple[str, list[int]]) -> None:
    with connection.cursor() as cursor:
        for text, params in statements:
            cursor.execute(text, params)
