"""Two at once, on a real PostgreSQL: whoever comes first, nobody walks half moved and no mail goes out twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from automation.enrollments import react as react_module
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.migrate import migrate
from automation.enrollments.react import react_to_due_events
from automation.flows.models import ReEntry
from automation.models import Contact, Enrollment, Event, Message, MigrationPlan, StepRun
from tests.automation.enrollments.moving import make_changed_flow, make_waiting, place_of, publish_moving
from tests.factories import make_contact, make_event, make_live_flow, send

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 60


def in_a_thread(work: Callable[[], int]) -> int:
    try:
        return work()
    finally:
        connection.close()


def until_idle(step: Callable[[], int]) -> int:
    done = 0
    while count := step():
        done += count
    return done


@pytest.mark.parametrize("_", range(10))
def test_of_several_events_in_different_workers_one_enters_whom_the_flow_takes_once(monkeypatch, _):
    monkeypatch.setattr(react_module, "BATCH", 7)  # So that one person's events are in different hands.
    flow = make_live_flow(send(), re_entry=ReEntry.ONCE)
    people = [make_contact() for _ in range(20)]
    for _ in range(3):
        for contact in people:
            make_event(flow.trigger, contact)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(in_a_thread, [lambda: until_idle(react_to_due_events)] * 4))
    until_idle(react_to_due_events)

    assert Event.objects.filter(status="decided").count() == 60
    assert sorted(Enrollment.objects.values_list("contact", flat=True)) == [one.pk for one in people]
    assert sorted(Message.objects.values_list("contact", flat=True)) == [one.pk for one in people]
    verdicts = [decision["verdict"] for event in Event.objects.all() for decision in event.decisions]
    assert verdicts.count("entered") == 20


def test_moving_and_advancing_at_once_mails_everybody_once_by_the_new_version():
    flow = make_changed_flow()
    for _ in range(PEOPLE):
        make_waiting(flow)
    version = publish_moving(flow)

    with ThreadPoolExecutor(4) as threads:
        steps = [migrate, advance_due_enrollments, migrate, advance_due_enrollments]
        list(threads.map(lambda step: in_a_thread(lambda: until_idle(step)), steps))
    until_idle(migrate)
    until_idle(advance_due_enrollments)

    assert Enrollment.objects.filter(flow_version=version, status="completed").count() == PEOPLE
    assert Message.objects.filter(flow_version=version, step_key="gift").count() == Message.objects.count() == PEOPLE
    assert StepRun.objects.filter(result__kind="move").count() == PEOPLE


def test_whom_another_pump_holds_is_skipped_and_the_plan_stays_open_for_it():
    flow = make_changed_flow()
    held, free = make_waiting(flow), make_waiting(flow)
    version = publish_moving(flow)

    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        Contact.objects.select_for_update().get(pk=held.contact_id)
        moved = threads.submit(in_a_thread, lambda: until_idle(migrate)).result(timeout=30)

    assert moved == 1
    assert place_of(free)[0] == version.pk
    assert MigrationPlan.objects.get().done_at is None
    assert until_idle(migrate) == 1
    assert place_of(held)[0] == version.pk


def test_an_advance_that_had_claimed_before_publishing_ends_on_the_version_that_it_had_claimed():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    old = flow.live_version_id

    with transaction.atomic():
        advance_due_enrollments()
        with ThreadPoolExecutor(1) as threads:
            threads.submit(in_a_thread, lambda: publish_moving(flow).pk).result(timeout=30)
            moved = threads.submit(in_a_thread, lambda: until_idle(migrate)).result(timeout=30)

    assert moved == 0
    assert place_of(enrollment)[:2] == (old, "completed")
    assert until_idle(migrate) == 0
    assert MigrationPlan.objects.get().done_at is not None
