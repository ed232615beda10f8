"""Two at once, on a real PostgreSQL: whoever comes first, nobody walks half moved and no mail goes out twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.migrate import migrate
from automation.models import Contact, Enrollment, Message, MigrationPlan, StepRun
from tests.automation.enrollments.moving import make_changed_flow, make_waiting, place_of, publish_moving

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
