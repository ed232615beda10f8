"""The advance pump: enrollments move on when their wait is over."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments.advance import advance_due_enrollments
from automation.flows.models import Flow, Step
from automation.flows.publish import publish
from automation.models import Enrollment, Message, StepRun
from tests.factories import make_contact, make_enrollment, make_live_flow, make_template, send, wait

pytestmark = pytest.mark.django_db


def test_an_enrollment_whose_wait_is_over_runs_on_to_its_end():
    flow = make_live_flow(send(), wait(days=3), send())
    enrollment = make_enrollment(flow, step_key="step-2", visits=2)

    advance_due_enrollments()

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.step_key, enrollment.due_at) == ("completed", "", None)
    assert list(StepRun.objects.values_list("step_key", "visit")) == [("step-2", 3)]
    assert Message.objects.get().dedupe_key == f"{enrollment.pk}:step-2:3"


def test_one_that_is_not_due_stays_where_it_is():
    enrollment = make_enrollment(due_at=timezone.now() + timedelta(seconds=30))

    assert advance_due_enrollments() == 0

    enrollment.refresh_from_db()
    assert enrollment.status == Enrollment.Status.ACTIVE


def test_a_branch_goes_by_what_is_true_now_and_keeps_what_it_saw():
    rule = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
    pro, free = make_template(), make_template()
    flow = make_live_flow(
        {"kind": "branch", "rule": rule, "next_key": "for-pro", "else_key": "for-free"},
        send(pro, key="for-pro", next_key="end"),
        send(free, key="for-free"),
        {"kind": "exit", "key": "end"},
    )
    make_enrollment(flow, make_contact(attributes={"plan": "pro"}))

    advance_due_enrollments()

    assert Message.objects.get().template_version == pro.live_version
    assert StepRun.objects.get(step_key="step-0").result["trace"]["seen"] == "pro"


def test_people_in_mid_flow_keep_the_version_that_they_entered():
    flow = make_live_flow(send(), wait(days=3), send(make_template(subject="old")))
    enrollment = make_enrollment(flow, step_key="step-2")
    Step.objects.filter(key="step-2").update(template=make_template(subject="new"))
    publish(flow=flow)

    advance_due_enrollments()

    enrollment.refresh_from_db()
    message = Message.objects.get()
    assert message.flow_version == enrollment.flow_version != Flow.objects.get(pk=flow.pk).live_version
    assert message.template_version.content[""]["subject"] == "old"


def test_a_paused_flow_keeps_its_people_where_they_are():
    flow = make_live_flow()
    make_enrollment(flow)
    Flow.objects.update(status=Flow.Status.PAUSED)

    assert advance_due_enrollments() == 0


def test_the_number_of_statements_does_not_depend_on_the_batch():
    flow = make_live_flow(send(), wait(days=1), send())
    make_enrollment(flow)
    advance_due_enrollments()  # Reads the versions of flow and template, once in a process.
    make_enrollment(flow)
    with CaptureQueriesContext(connection) as one:
        advance_due_enrollments()
    for _ in range(60):
        make_enrollment(flow)
    with CaptureQueriesContext(connection) as sixty:
        advance_due_enrollments()

    assert Message.objects.count() == 62
    assert len(sixty) == len(one) == 8  # Savepoint and release included.
