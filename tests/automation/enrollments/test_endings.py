"""Goals and reasons to stop are looked at all along, also for who waits; and what comes too late can be skipped."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.flows.models import LatePolicy
from automation.flows.validate import validate
from automation.models import Enrollment, Message
from tests.factories import make_contact, make_event, make_event_type, make_flow, make_live_flow, send, wait

pytestmark = pytest.mark.django_db
PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
LARGE = {"field": "event.payload.total", "op": "gte", "value": 50}


def enter(flow, contact=None):
    event = make_event(flow.trigger, contact or make_contact())
    react_to_due_events()
    return Enrollment.objects.get(event=event)


def tell(event_type, contact, **payload):
    make_event(event_type, contact, payload=payload)
    react_to_due_events()


def outcome(enrollment):
    enrollment.refresh_from_db()
    return enrollment.status, enrollment.due_at is None, enrollment.ended_at is not None


OVER = {status: (status, True, True) for status in ("goal_reached", "exited", "completed")}


@pytest.mark.parametrize(("name", "status"), [("goal", "goal_reached"), ("exit", "exited")])
def test_an_event_ends_the_walk_of_who_waits_and_holds_back_what_was_not_sent(name, status):
    bought = make_event_type()
    enrollment = enter(make_live_flow(send(), wait(days=1), send(), **{f"{name}_event": bought}))

    tell(bought, make_contact())
    assert outcome(enrollment)[0] == "active"
    tell(bought, enrollment.contact)

    assert outcome(enrollment) == OVER[status]
    assert enrollment.step_runs.last().result["kind"] == status
    message = Message.objects.get()
    assert (message.status, message.reason) == ("withheld", status)


def test_mail_that_was_tried_stays_as_it_is():
    bought = make_event_type()
    enrollment = enter(make_live_flow(send(), wait(days=1), send(), goal_event=bought))
    Message.objects.update(attempts=1)

    tell(bought, enrollment.contact)

    assert Message.objects.get().status == "queued"


def test_the_rule_of_a_goal_is_about_its_event():
    bought = make_event_type()
    enrollment = enter(make_live_flow(wait(days=1), send(), goal_event=bought, goal_rule=LARGE))

    tell(bought, enrollment.contact, total=49)
    assert outcome(enrollment)[0] == "active"
    tell(bought, enrollment.contact, total=50)

    assert outcome(enrollment) == OVER["goal_reached"]


def test_a_change_of_the_contact_ends_the_walk_at_once():
    enrollment = enter(make_live_flow(wait(days=1), send(), exit_rule=PRO))

    upsert(external_id=enrollment.contact.external_id, changes={"attributes": {"plan": "pro"}})

    assert outcome(enrollment) == OVER["exited"]


def test_a_rule_about_the_past_is_looked_at_when_that_happens():
    bought = make_event_type()
    enrollment = enter(make_live_flow(wait(days=1), send(), goal_rule={"did": bought.name, "at_least": 2}))

    tell(bought, enrollment.contact)
    assert outcome(enrollment)[0] == "active"
    tell(bought, enrollment.contact)

    assert outcome(enrollment) == OVER["goal_reached"]


def test_it_is_looked_at_before_each_step_also_the_first():
    flow = make_live_flow(send(), exit_rule=PRO)

    assert outcome(enter(flow, make_contact(attributes={"plan": "pro"}))) == OVER["exited"]
    assert outcome(enter(flow)) == OVER["completed"]
    assert Message.objects.count() == 1


def test_what_a_step_changes_counts_for_the_next():
    update = {"kind": "update", "options": {"set": {"plan": "pro"}}}

    assert outcome(enter(make_live_flow(update, send(), goal_rule=PRO))) == OVER["goal_reached"]
    assert not Message.objects.exists()


def test_who_reaches_the_goal_has_reached_it_even_if_there_is_a_reason_to_stop():
    flow = make_live_flow(send(), goal_rule=PRO, exit_rule=PRO)

    assert outcome(enter(flow, make_contact(attributes={"plan": "pro"}))) == OVER["goal_reached"]


def test_what_cannot_be_asked_is_a_fault():
    draft = make_flow(goal_rule={"op": "eq"}, exit_rule={"field": "contact.age", "op": "eq", "value": 1})

    told = [fault.message for fault in validate(draft)[1]]

    assert told[0].startswith("The rule of the goal cannot be read.")
    assert told[1].startswith("The reason to stop: The rule asks for contact.age")


def test_a_flow_without_endings_asks_nothing_when_the_contact_changes():
    enrollment = enter(make_live_flow(wait(days=1), send()))

    with CaptureQueriesContext(connection) as captured:
        upsert(external_id=enrollment.contact.external_id, changes={"attributes": {"plan": "pro"}})

    touching = [query for query in captured if "automation_enrollment" in query["sql"]]
    assert len(touching) == 1  # Does anybody wait for this contact?


def late(policy, by):
    flow = make_live_flow(wait(days=1), send(), send(), late_policy=policy, late_after=timedelta(hours=2))
    enrollment = enter(flow)
    Enrollment.objects.filter(pk=enrollment.pk).update(due_at=timezone.now() - by)
    advance_due_enrollments()
    assert outcome(enrollment) == OVER["completed"]
    runs = enrollment.step_runs.filter(step_key__in=["step-1", "step-2"])
    return Message.objects.count(), [run.result.get("passed_over") for run in runs]


def test_mail_that_comes_too_late_is_skipped_if_the_flow_says_so():
    assert late(LatePolicy.SKIP, timedelta(hours=3)) == (0, ["too late", "too late"])


def test_mail_that_is_a_little_late_goes_out():
    assert late(LatePolicy.SKIP, timedelta(hours=1)) == (2, [None, None])


def test_late_mail_goes_out_unless_the_flow_says_otherwise():
    assert late(LatePolicy.SEND, timedelta(days=30)) == (2, [None, None])


def test_after_the_next_wait_mail_is_in_time_again():
    flow = make_live_flow(wait(days=1), send(), wait(days=1), send(), late_policy=LatePolicy.SKIP)
    enrollment = enter(flow)
    for late_by in (timedelta(days=2), timedelta(minutes=1)):
        Enrollment.objects.filter(pk=enrollment.pk).update(due_at=timezone.now() - late_by)
        advance_due_enrollments()

    assert [message.step_key for message in Message.objects.all()] == ["step-3"]
