"""Everything that Celery runs for this app: wake-up calls, one for each pump. What is due stands in the database."""

from celery import shared_task

from automation.core import pump
from automation.core.lanes import Lane
from automation.delivery import brake as brakes
from automation.delivery import reap as reaper
from automation.delivery.deliver import deliver
from automation.delivery.reroute import reroute
from automation.delivery.warmup.hold import TASK as WARMUP
from automation.delivery.warmup.tend import tend
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.migrate import migrate as move_people
from automation.enrollments.occurrences import TASK as SCHEDULE
from automation.enrollments.react import react_to_due_events
from automation.enrollments.schedule.enter import enter_scheduled_contacts
from automation.hooks.call import make_due_calls
from automation.hooks.write import TASK as HOOKS
from automation.privacy.retain import TASK as RETAIN
from automation.privacy.retain import retain
from automation.segments.keep import keep_segments
from automation.segments.models import TASK as SEGMENTS


@shared_task(name="automation.react")
def react() -> None:
    pump.run("automation.react", react_to_due_events)


@shared_task(name="automation.advance")
def advance() -> None:
    pump.run("automation.advance", advance_due_enrollments, gives_way_to="automation.react")


@shared_task(name="automation.migrate")
def migrate() -> None:
    pump.run("automation.migrate", move_people, gives_way_to="automation.advance")


@shared_task(name=SCHEDULE)
def schedule() -> None:
    pump.run(SCHEDULE, enter_scheduled_contacts, gives_way_to="automation.react")


@shared_task(name=SEGMENTS)
def segments() -> None:
    pump.run(SEGMENTS, keep_segments, gives_way_to="automation.react")


@shared_task(name="automation.deliver.transactional")
def deliver_transactional() -> None:
    deliver(lane=Lane.TRANSACTIONAL)


@shared_task(name="automation.deliver.triggered")
def deliver_triggered() -> None:
    deliver(lane=Lane.TRIGGERED)


@shared_task(name="automation.deliver.bulk")
def deliver_bulk() -> None:
    deliver(lane=Lane.BULK)


@shared_task(name=HOOKS)
def hooks() -> None:
    pump.run(HOOKS, make_due_calls)


@shared_task(name="automation.reap")
def reap() -> None:
    reaper.reap()
    pump.run("automation.reap", reroute)


@shared_task(name="automation.brake")
def brake() -> None:
    brakes.brake()


@shared_task(name=WARMUP)
def warmup() -> None:
    pump.run(WARMUP, tend)


@shared_task(name=RETAIN)
def retain_some() -> None:
    pump.run(RETAIN, retain, gives_way_to="automation.advance")
