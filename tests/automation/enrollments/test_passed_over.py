"""With many flows for one type of event: who is asked, what is kept, and what can be told of the others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.enrollments import passed_over as sets
from automation.enrollments.passed_over import ListeningSet, passed_over
from automation.enrollments.react import react_to_due_events
from automation.flows.models import Flow
from automation.models import Enrollment, Event
from tests.factories import make_event, make_event_type, make_live_flow, make_sender, make_template, make_topic, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves():
    """Twelve flows, a category of books each, and one that takes them all."""
    parts = {"trigger": make_event_type(), "sender": make_sender(), "topic": make_topic(), "re_entry": "always"}
    template = make_template()
    rules = [{"field": "event.payload.category", "op": "eq", "value": f"c{n}"} for n in range(12)]
    return [make_live_flow(send(template), entry_rule=rule, **parts) for rule in [*rules, {}]]


def about(shelves: list[Flow], category: str) -> Event:
    return make_event(shelves[0].trigger, payload={"category": category})


def test_only_those_are_asked_who_may_let_somebody_in(shelves):
    event = about(shelves, "c3")

    react_to_due_events()

    event.refresh_from_db()
    assert [one["flow"] for one in event.decisions] == [shelves[3].pk, shelves[12].pk]
    assert set(Enrollment.objects.values_list("flow_id", flat=True)) == {shelves[3].pk, shelves[12].pk}
    assert ListeningSet.objects.get(pk=event.listeners_key).versions == [one.live_version_id for one in shelves]


def test_of_the_others_is_told_what_would_have_been_kept(shelves):
    event = about(shelves, "c3")
    react_to_due_events()
    event.refresh_from_db()
    Flow.objects.filter(pk=shelves[0].pk).update(status="paused")  # Whatever becomes of a flow afterwards.

    told = passed_over(event)

    others = [flow for flow in shelves if flow not in (shelves[3], shelves[12])]
    assert [(one["flow"], one["verdict"]) for one in told] == [(flow.pk, "rule_false") for flow in others]
    assert told[0]["seen"] == {**shelves[0].entry_rule, "seen": "c3", "result": False}


def test_where_few_listen_every_decision_is_kept(shelves):
    Flow.objects.filter(pk__in=[flow.pk for flow in shelves[8:]]).update(status="paused")
    event = about(shelves, "c3")

    react_to_due_events()

    event.refresh_from_db()
    assert (len(event.decisions), event.listeners_key, passed_over(event)) == (8, None, [])


def test_a_set_is_written_once(shelves, django_capture_on_commit_callbacks):
    about(shelves, "c3")
    with django_capture_on_commit_callbacks(execute=True):
        react_to_due_events()

    about(shelves, "c4")
    with CaptureQueriesContext(connection) as captured:
        react_to_due_events()

    assert not any("listeningset" in query["sql"] for query in captured)
    assert ListeningSet.objects.count() == 1
    sets._kept.clear()
    about(shelves, "c5")
    react_to_due_events()  # As another process would, which does not know of it.
    assert ListeningSet.objects.count() == 1
