"""Again after a time: the row of the last entry decides, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from automation.core.ids import new_id
from automation.enrollments.re_enter import Entrant, too_soon
from automation.enrollments.react import react
from automation.flows.models import ReEntry
from automation.flows.validate import validate
from automation.models import Enrollment, Holdout, LastEntry
from tests.factories import make_contact, make_event, make_flow, make_live_flow

DAY = timedelta(days=1)
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def flow(db):
    return make_live_flow(re_entry=ReEntry.AFTER, re_entry_after=DAY)


def verdict(flow, contact, at, **event):
    event = make_event(flow.trigger, contact, **event)
    react([event], at=at)
    event.refresh_from_db()
    [decision] = event.decisions
    return decision["verdict"], decision["seen"].get("again_at")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), "re_entry_too_soon"),
        (DAY - timedelta(microseconds=1), "re_entry_too_soon"),
        (DAY, "entered"),
    ],
)
def test_a_contact_enters_again_as_soon_as_the_time_is_over(flow, later, expected):
    contact = make_contact()
    verdict(flow, contact, AT)

    came_to, again_at = verdict(flow, contact, AT + later)

    assert came_to == expected
    assert again_at == (None if expected == "entered" else (AT + DAY).isoformat())


def test_the_time_counts_from_the_last_entry_and_not_from_the_last_attempt(flow):
    contact = make_contact()

    verdicts = [verdict(flow, contact, AT + hours * DAY / 24)[0] for hours in (0, 20, 25, 45, 50)]

    assert verdicts == ["entered", "re_entry_too_soon", "entered", "re_entry_too_soon", "entered"]


def test_of_several_events_at_once_the_first_enters(flow):
    contact, other = make_contact(), make_contact()
    events = [make_event(flow.trigger, one) for one in (contact, other, contact)]

    react(events, at=AT)

    assert set(Enrollment.objects.values_list("event_id", flat=True)) == {events[0].pk, events[1].pk}


def test_who_is_held_out_is_held_out_no_more_often_than_others_enter(db):
    flow = make_live_flow(re_entry=ReEntry.AFTER, re_entry_after=DAY, holdout_percent=100)
    contact = make_contact()

    verdicts = [verdict(flow, contact, at)[0] for at in (AT, AT + DAY / 2, AT + DAY)]

    assert verdicts == ["held_out", "re_entry_too_soon", "held_out"]
    assert Holdout.objects.count() == 2


def test_nobody_to_ask_about_costs_no_statement(db):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert too_soon([], at=AT) == {}

    assert len(captured) == 0


@pytest.mark.parametrize("pause", [None, timedelta(0)])
def test_again_after_a_time_needs_the_time(db, pause):
    _, faults = validate(make_flow(re_entry=ReEntry.AFTER, re_entry_after=pause))

    assert [fault.message for fault in faults] == ["“Again after a time” needs the time (at least one second)."]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_ask_at_once_one_is_let_in():
    flow = make_live_flow()
    for _ in range(50):
        contact, together = make_contact(), Barrier(2)

        def ask(contact=contact, together=together):
            entrant = Entrant(contact.pk, flow.pk, new_id(), DAY)
            together.wait()
            try:
                with transaction.atomic():  # No contact is locked: the row alone decides.
                    return bool(too_soon([entrant], at=AT))
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as workers:
            refused = [future.result() for future in [workers.submit(ask) for _ in range(2)]]

        assert sorted(refused) == [False, True]
    assert LastEntry.objects.count() == 50
