"""The react pump: who enters, once, and why not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments import react as react_module
from automation.enrollments.react import react_to_due_events
from automation.flows.models import Flow, ReEntry
from automation.models import Enrollment, Event, Message, StepRun
from tests.factories import (
    make_contact,
    make_event,
    make_event_type,
    make_flow,
    make_live_flow,
    make_template,
    send,
    wait,
)

pytestmark = pytest.mark.django_db


def verdicts(event: Event) -> list[str]:
    event.refresh_from_db()
    return [decision["verdict"] for decision in event.decisions]


def test_an_event_enters_its_contact_and_runs_the_first_steps_at_once():
    flow = make_live_flow(send(), wait(days=3), send())
    event = make_event(flow.trigger)

    react_to_due_events()

    enrollment = Enrollment.objects.get()
    assert (enrollment.contact_id, enrollment.flow_version_id) == (event.contact_id, flow.live_version_id)
    assert (enrollment.status, enrollment.step_key, enrollment.visits) == ("active", "step-2", 2)
    assert enrollment.due_at - enrollment.entered_at == timedelta(days=3)
    assert list(StepRun.objects.values_list("step_key", "visit")) == [("step-0", 1), ("step-1", 2)]
    assert Message.objects.get().status == Message.Status.QUEUED


def test_an_enrollment_without_a_wait_is_completed_at_once():
    flow = make_live_flow()
    make_event(flow.trigger)

    react_to_due_events()

    enrollment = Enrollment.objects.get()
    assert (enrollment.status, enrollment.step_key, enrollment.due_at) == ("completed", "", None)
    assert enrollment.ended_at is not None


def test_the_message_pins_version_values_and_language():
    template = make_template(
        variables=[{"name": "plan", "path": "event.payload.plan"}], languages={"pt": {"subject": "Olá"}}
    )
    flow = make_live_flow(send(template))
    event = make_event(
        flow.trigger, make_contact(language="pt-BR"), payload={"plan": "pro", "card": "not for templates"}
    )

    react_to_due_events()

    message = Message.objects.get()
    assert message.template_version == template.live_version
    assert message.values == {"plan": "pro"}
    assert message.language == "pt"
    assert message.to_email == event.contact.email
    assert (message.topic_id, message.lane) == (flow.topic_id, flow.lane)


def test_a_message_lacking_a_value_is_withheld_and_says_which():
    template = make_template(variables=[{"name": "plan", "path": "event.payload.plan"}])
    flow = make_live_flow(send(template))
    make_event(flow.trigger)

    react_to_due_events()

    message = Message.objects.get()
    assert (message.status, message.reason) == ("withheld", "missing_value: plan")


def test_a_contact_without_an_address_is_not_mailed_and_the_message_says_so():
    flow = make_live_flow()
    make_event(flow.trigger, make_contact(email=""))

    react_to_due_events()

    assert Message.objects.get().reason == "no_address"


def test_the_entry_rule_decides_and_its_trace_is_kept():
    flow = make_live_flow(entry_rule={"field": "event.payload.total", "op": "gte", "value": 50})
    small = make_event(flow.trigger, payload={"total": 49})
    large = make_event(flow.trigger, payload={"total": 50})

    react_to_due_events()

    assert (verdicts(small), verdicts(large)) == (["rule_false"], ["entered"])
    assert small.decisions[0]["seen"] == {
        "field": "event.payload.total", "op": "gte", "value": 50, "seen": 49, "result": False,
    }  # fmt: skip
    assert list(Enrollment.objects.values_list("event_id", flat=True)) == [large.pk]


def test_once_means_once_also_within_a_batch():
    flow = make_live_flow(re_entry=ReEntry.ONCE)
    contact = make_contact()
    first, second = make_event(flow.trigger, contact), make_event(flow.trigger, contact)

    react_to_due_events()
    third = make_event(flow.trigger, contact)
    react_to_due_events()

    assert [verdicts(event) for event in (first, second, third)] == [
        ["entered"], ["already_entered"], ["already_entered"],
    ]  # fmt: skip
    assert Message.objects.count() == 1


def test_always_means_each_event():
    flow = make_live_flow(re_entry=ReEntry.ALWAYS)
    contact = make_contact()
    make_event(flow.trigger, contact)
    make_event(flow.trigger, contact)

    react_to_due_events()

    assert Message.objects.count() == 2


def test_one_run_for_each_key():
    flow = make_live_flow(re_entry=ReEntry.PER_KEY, re_entry_path="event.payload.cart_id")
    contact = make_contact()
    events = [make_event(flow.trigger, contact, payload=payload) for payload in ({"cart_id": 1}, {"cart_id": 1}, {})]

    react_to_due_events()

    assert [verdicts(event) for event in events] == [["entered"], ["already_entered"], ["no_entry_key"]]


def test_an_event_older_than_the_flow_allows_enters_nobody():
    flow = make_live_flow(max_event_age=timedelta(hours=1))
    event = make_event(flow.trigger, occurred_at=timezone.now() - timedelta(hours=2))

    react_to_due_events()

    assert verdicts(event) == ["too_old"]


@pytest.mark.parametrize("status", [Flow.Status.PAUSED, Flow.Status.ARCHIVED])
def test_nobody_enters_a_flow_that_is_not_live(status):
    flow = make_live_flow()
    Flow.objects.update(status=status)
    event = make_event(flow.trigger)

    react_to_due_events()

    assert verdicts(event) == []
    assert event.status == Event.Status.DECIDED


def test_a_draft_listens_to_nothing():
    flow = make_flow()
    event = make_event(flow.trigger)

    react_to_due_events()

    assert verdicts(event) == []


def test_the_number_of_statements_does_not_depend_on_the_batch():
    event_type = make_event_type()
    make_live_flow(send(), wait(days=1), send(), trigger=event_type, re_entry=ReEntry.ALWAYS)
    make_live_flow(trigger=event_type, re_entry=ReEntry.ALWAYS)

    make_event(event_type)
    react_to_due_events()  # Reads the versions of flows and templates, once in a process.
    make_event(event_type)
    with CaptureQueriesContext(connection) as one:
        react_to_due_events()
    for _ in range(60):
        make_event(event_type)
    with CaptureQueriesContext(connection) as sixty:
        react_to_due_events()

    assert Event.objects.filter(status="decided").count() == 62
    assert len(sixty) == len(one) == 10  # Savepoint and release included.


def test_a_poison_event_does_not_hold_its_batch_and_is_set_aside_in_the_end(monkeypatch):
    flow = make_live_flow()
    good, poison = make_event(flow.trigger), make_event(flow.trigger)
    decide = react_module.decide

    def stumble(definition, *, event, **others):
        if event.pk == poison.pk:
            raise ZeroDivisionError("poison")
        return decide(definition, event=event, **others)

    monkeypatch.setattr(react_module, "decide", stumble)

    for _ in range(5):
        react_to_due_events()
        Event.objects.filter(status="new").update(due_at=timezone.now())

    good.refresh_from_db()
    poison.refresh_from_db()
    assert good.status == Event.Status.DECIDED
    assert (poison.status, poison.failure) == (Event.Status.SET_ASIDE, "ZeroDivisionError: poison")
    assert Message.objects.count() == 1
