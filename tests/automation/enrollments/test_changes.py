"""Steps that change the contact: later steps see it, and no run undoes what another did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.models import StepRun
from automation.enrollments.react import react_to_due_events
from automation.models import Contact, Enrollment
from tests.factories import make_contact, make_enrollment, make_event, make_live_flow, send, wait

pytestmark = pytest.mark.django_db


def count(name="orders"):
    return {"kind": "update", "options": {"add": {name: 1}}}


def test_steps_that_follow_see_what_was_changed():
    is_counted = {"field": "contact.attributes.orders", "op": "gte", "value": 1}
    branch = {"kind": "branch", "rule": is_counted, "next_key": "end"}
    flow = make_live_flow(count(), branch, send(), {"kind": "exit", "key": "end"})
    contact = make_contact()
    make_event(flow.trigger, contact)

    react_to_due_events()

    assert Contact.objects.get(pk=contact.pk).attributes == {"orders": 1}
    assert list(StepRun.objects.order_by("visit").values_list("step_key", flat=True)) == ["step-0", "step-1", "end"]


def test_two_runs_of_one_contact_in_one_batch_both_count():
    contact = make_contact()
    for flow in [make_live_flow(count(), wait(days=1)), make_live_flow(count(), wait(days=1))]:
        make_event(flow.trigger, contact)
        make_enrollment(make_live_flow(count("advanced")), contact)

    react_to_due_events()
    advance_due_enrollments()

    assert Contact.objects.get(pk=contact.pk).attributes == {"orders": 2, "advanced": 2}


def test_a_run_that_is_not_begun_again_changes_nothing():
    flow = make_live_flow(count(), wait(days=1))
    contact = make_contact()
    for _ in range(3):
        make_event(flow.trigger, contact)
        react_to_due_events()

    assert Contact.objects.get(pk=contact.pk).attributes == {"orders": 1}


def test_who_waits_for_a_time_of_day_rests_at_that_step_and_goes_on_at_it():
    flow = make_live_flow({"kind": "wait_time", "options": {"clock": "09:00"}}, wait(days=1), send())
    make_event(flow.trigger)
    react_to_due_events()
    enrollment = Enrollment.objects.get()
    assert (enrollment.step_key, enrollment.rests_since is not None) == ("step-0", True)
    assert enrollment.due_at.strftime("%H:%M") == "09:00"

    Enrollment.objects.update(due_at=timezone.now(), rests_since=timezone.now() - timedelta(days=2))
    advance_due_enrollments()

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.rests_since) == ("active", None)
    assert [run.step_key for run in enrollment.step_runs.all()] == ["step-0", "step-0", "step-1"]
