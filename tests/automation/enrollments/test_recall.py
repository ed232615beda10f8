"""Rules of flows that ask about the past: it is known before anybody is decided on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.models import Enrollment, Event, StepRun
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, send, wait

pytestmark = pytest.mark.django_db


def twice(event_type):
    return {"did": event_type.name, "at_least": 2, "within": {"days": 30}}


def test_who_enters_may_depend_on_the_past_and_what_was_seen_of_it_is_kept():
    ordered, regular, newcomer = make_event_type(), make_contact(), make_contact()
    make_live_flow(trigger=ordered, entry_rule=twice(ordered))
    make_event(ordered, regular, occurred_at=timezone.now() - timedelta(days=3), status=Event.Status.DECIDED)
    again, first = make_event(ordered, regular), make_event(ordered, newcomer)

    react_to_due_events()

    assert Enrollment.objects.get().contact == regular
    for event, times, result in [(again, 2, True), (first, 1, False)]:
        event.refresh_from_db()
        assert event.decisions[0]["seen"] == {**twice(ordered), "seen": times, "result": result}


def test_a_branch_asks_about_the_past_as_it_is_when_its_turn_comes():
    ordered = make_event_type()
    branch = {"kind": "branch", "rule": twice(ordered), "next_key": "step-2", "else_key": "step-3"}
    make_live_flow(wait(days=1), branch, send(), send(), trigger=ordered, re_entry="always")
    event = make_event(ordered)
    react_to_due_events()
    make_event(ordered, event.contact, status=Event.Status.DECIDED)
    Enrollment.objects.update(due_at=timezone.now())

    advance_due_enrollments()

    run = StepRun.objects.get(step_key="step-1")
    assert (run.result["trace"]["seen"], run.result["trace"]["result"]) == (2, True)


def statements_of(run):
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


def test_a_question_costs_a_batch_one_statement_whoever_asks_it_and_however_often():
    ordered, rare = make_event_type(), make_event_type().name
    make_live_flow(trigger=ordered, entry_rule={"did": rare})
    make_event(ordered)
    react_to_due_events()
    make_event(ordered)
    asked_by_one = statements_of(react_to_due_events)

    make_live_flow(trigger=ordered, entry_rule={"did": rare, "at_least": 3})
    for _ in range(40):
        make_event(ordered)
    asked_by_two = statements_of(react_to_due_events)
    make_live_flow(trigger=ordered, entry_rule={"did": rare, "within": {"days": 1}})
    make_event(ordered)
    asking_more = statements_of(react_to_due_events)

    assert asked_by_two == asked_by_one + 1  # To read the new flow's definition, once in a process.
    assert asking_more == asked_by_one + 1 + 1
