"""Who waits for something goes on when it happens, or when the time is over; never both."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.flows.pause import pause
from automation.models import Enrollment, Message, StepRun
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, make_template, send, wait

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def wait_event(event_type, **fields):
    options = {"event": event_type.name}
    ways = {"next_key": "then", "else_key": "else"}
    return {"kind": "wait_event", "options": options, "wait_for": DAY, **ways, **fields}


@pytest.fixture
def paid(db):
    return make_event_type()


@pytest.fixture
def flow(paid):
    template = make_template()
    return make_live_flow(
        wait_event(paid),
        send(template, key="then", next_key="end"),
        send(template, key="else"),
        {"kind": "exit", "key": "end"},
    )


def enter(flow, contact=None):
    event = make_event(flow.trigger, contact or make_contact())
    react_to_due_events()
    return Enrollment.objects.get(event=event)


def way(enrollment):
    return list(StepRun.objects.filter(enrollment=enrollment).values_list("step_key", flat=True))


def time_out(*enrollments):
    Enrollment.objects.filter(pk__in=[one.pk for one in enrollments]).update(
        due_at=timezone.now(), rests_since=timezone.now() - DAY
    )


def test_it_goes_on_in_the_transaction_of_the_event(flow, paid):
    enrollment = enter(flow)
    assert (enrollment.step_key, enrollment.awaits) == ("step-0", [paid.pk])

    event = make_event(paid, enrollment.contact)
    react_to_due_events()

    enrollment.refresh_from_db()
    assert way(enrollment) == ["step-0", "step-0", "then", "end"]
    assert (enrollment.status, enrollment.awaits) == ("completed", None)
    assert enrollment.step_runs.all()[1].result["event"] == str(event.pk)
    assert Message.objects.get().step_key == "then"


def test_it_takes_the_other_way_when_the_time_is_over(flow, paid):
    enrollment = enter(flow)
    time_out(enrollment)

    advance_due_enrollments()
    make_event(paid, enrollment.contact)
    react_to_due_events()

    assert way(enrollment) == ["step-0", "step-0", "else", "end"]


def test_events_of_others_and_other_events_change_nothing(flow, paid):
    enrollment = enter(flow)
    make_event(paid)
    make_event(flow.trigger, enrollment.contact)

    react_to_due_events()

    assert way(enrollment) == ["step-0"]


def test_only_an_event_that_fits_counts(paid):
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow = make_live_flow(wait_event(paid, rule=rule), {"kind": "exit", "key": "then"}, {"kind": "exit", "key": "else"})
    enrollment = enter(flow)

    make_event(paid, enrollment.contact, payload={"total": 49})
    react_to_due_events()
    assert way(enrollment) == ["step-0"]
    make_event(paid, enrollment.contact, payload={"total": 50})
    react_to_due_events()

    assert way(enrollment) == ["step-0", "step-0", "then"]


def test_of_a_burst_each_event_counts_in_its_order(paid):
    """The entry and all that is waited for come in one batch."""
    shipped = make_event_type()
    second = {**wait_event(shipped), "key": "then", "next_key": "end"}
    flow = make_live_flow(wait_event(paid), second, {"kind": "exit", "key": "else"}, {"kind": "exit", "key": "end"})
    contact = make_contact()
    early = make_event(paid, contact)
    entry = make_event(flow.trigger, contact)
    events = [early, entry, make_event(paid, contact), make_event(shipped, contact)]
    assert [event.pk for event in events] == sorted(event.pk for event in events)

    react_to_due_events()

    assert way(Enrollment.objects.get()) == ["step-0", "step-0", "then", "then", "end"]


def test_an_event_that_came_before_is_not_waited_for(flow, paid):
    contact = make_contact()
    make_event(paid, contact)
    enrollment = enter(flow, contact)

    assert way(enrollment) == ["step-0"]


def test_in_a_paused_flow_nobody_goes_on(flow, paid):
    enrollment = enter(flow)
    pause(flow=flow, reason="why", by="ana")

    make_event(paid, enrollment.contact)
    react_to_due_events()

    assert way(enrollment) == ["step-0"]


def test_the_number_of_statements_does_not_depend_on_how_many_go_on(flow, paid):
    def statements(count):
        waiting = [enter(flow) for _ in range(count)]
        for enrollment in waiting:
            make_event(paid, enrollment.contact)
        with CaptureQueriesContext(connection) as captured:
            react_to_due_events()
        assert all(len(way(enrollment)) == 4 for enrollment in waiting)
        return len(captured)

    statements(1)  # Reads what is kept afterwards.
    assert statements(1) == statements(5)


def wait_until(rule, **fields):
    ways = {"next_key": "then", "else_key": "else"}
    return {"kind": "wait_until", "rule": rule, "wait_for": DAY, **ways, **fields}


PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
ENDS = ({"kind": "exit", "key": "then"}, {"kind": "exit", "key": "else"})


def change(contact, **attributes):
    upsert(external_id=contact.external_id, changes={"attributes": attributes})


def test_who_waits_for_a_condition_goes_on_as_the_contact_is_changed(db):
    enrollment = enter(make_live_flow(wait_until(PRO), *ENDS))

    change(enrollment.contact, plan="free")
    assert way(enrollment) == ["step-0"]
    change(enrollment.contact, plan="pro")

    assert way(enrollment) == ["step-0", "step-0", "then"]


def test_a_condition_that_holds_already_is_not_waited_for(db):
    assert way(enter(make_live_flow(wait_until(PRO), *ENDS), make_contact(attributes={"plan": "pro"}))) == [
        "step-0",
        "then",
    ]


def test_a_condition_that_does_not_come_to_hold_leads_the_other_way(db):
    enrollment = enter(make_live_flow(wait_until(PRO), *ENDS))
    time_out(enrollment)

    advance_due_enrollments()

    assert way(enrollment) == ["step-0", "step-0", "else"]


def test_a_condition_on_what_happened_is_looked_at_when_it_happens(paid):
    enrollment = enter(make_live_flow(wait_until({"did": paid.name, "at_least": 2}), *ENDS))

    for expected in (["step-0"], ["step-0", "step-0", "then"]):
        make_event(paid, enrollment.contact)
        react_to_due_events()
        assert way(enrollment) == expected


def test_a_condition_that_time_brings_about_needs_no_news(db):
    rule = {"field": "contact.attributes.trial_ends_at", "op": "within_next", "value": {"hours": 2}}
    ends_at = timezone.now() + timedelta(hours=5)
    contact = make_contact(attributes={"trial_ends_at": ends_at.isoformat()})

    enrollment = enter(make_live_flow(wait_until(rule), *ENDS), contact)

    assert abs(enrollment.due_at - (ends_at - timedelta(hours=2))) < timedelta(seconds=1)


def test_a_change_by_a_step_of_another_flow_counts_as_well(db):
    contact = make_contact()
    enrollment = enter(make_live_flow(wait_until(PRO), *ENDS), contact)

    enter(make_live_flow({"kind": "update", "options": {"set": {"plan": "pro"}}}), contact)

    assert way(enrollment) == ["step-0", "step-0", "then"]


def test_who_times_out_and_then_changes_the_contact_does_not_go_the_other_way_too(db):
    steps = [wait_until(PRO), {"kind": "exit", "key": "then"}]
    update = {"kind": "update", "key": "else", "options": {"set": {"plan": "pro"}}}
    enrollment = enter(make_live_flow(*steps, update, wait(days=1), send()))
    time_out(enrollment)

    advance_due_enrollments()

    assert way(enrollment)[:3] == ["step-0", "step-0", "else"]
    assert "then" not in way(enrollment)


@pytest.mark.django_db(transaction=True)
def test_of_the_event_and_the_time_out_one_wins():
    paid = make_event_type()
    flow = make_live_flow(wait_event(paid), *ENDS)
    for _ in range(50):
        enrollment, together = enter(flow), Barrier(2)
        time_out(enrollment)
        make_event(paid, enrollment.contact)

        def run(pump, together=together):
            together.wait()
            try:
                pump()
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as workers:
            for future in [workers.submit(run, pump) for pump in (react_to_due_events, advance_due_enrollments)]:
                future.result()

        path = way(enrollment)
        assert path in (["step-0", "step-0", "then"], ["step-0", "step-0", "else"])
