"""Flows that name a segment: found wherever they do, in the draft and in what runs."""

from datetime import timedelta

import pytest

from automation.flows.models import Flow
from automation.flows.segment_uses import uses_of
from automation.models import EventType
from tests.factories import make_event_type, make_live_flow, make_segment

pytestmark = pytest.mark.django_db

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
IN_PROS = {"none": [{"segment": "pros"}]}
CAME_IN = {"field": "event.payload.segment", "op": "in", "value": ["others", "pros"]}


def of_pros() -> dict[str, tuple[list[str], list[str]]]:
    return {use.flow.name: (use.draft, use.live) for use in uses_of("pros")}


@pytest.fixture(autouse=True)
def segments():
    make_segment(PRO, key="pros")
    make_segment(PRO, key="others")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"trigger_kind": "segment", "trigger_key": "pros"}, "trigger"),
        ({"entry_rule": IN_PROS}, "who enters"),
        ({"goal_rule": IN_PROS}, "goal"),
        ({"exit_rule": IN_PROS}, "reason to stop"),
        ({"entry_rule": {"did": "segment.left", "where": CAME_IN}}, "who enters"),
    ],
)
def test_a_flow_is_found_by_what_its_draft_and_its_live_version_say(fields, place):
    make_live_flow(name="Welcome", **fields)
    make_live_flow(name="Other", entry_rule={"segment": "others"})

    assert of_pros() == {"Welcome": ([place], [place])}


def test_a_flow_on_the_event_of_a_segment_is_found_by_its_rule():
    entered = EventType.objects.get(name="segment.entered")
    make_live_flow(name="Welcome", trigger=entered, entry_rule=CAME_IN)

    assert of_pros() == {"Welcome": (["who enters"], ["who enters"])}


def test_a_flow_that_waits_for_the_event_of_a_segment_is_found_by_what_it_asks_of_it():
    options = {"event": "segment.entered"}
    waits = {"kind": "wait_event", "options": options, "wait_for": timedelta(days=1), "else_key": "end"}
    asks = {"kind": "branch", "rule": {**CAME_IN, "field": "awaited.payload.segment"}}
    make_live_flow(waits, asks, {"kind": "exit", "key": "end"}, name="Welcome")

    assert list(of_pros()) == ["Welcome"]


def test_a_draft_that_names_it_no_more_still_runs_as_it_was_published():
    flow = make_live_flow(name="Welcome", entry_rule=IN_PROS)
    Flow.objects.filter(pk=flow.pk).update(entry_rule={})

    assert of_pros() == {"Welcome": ([], ["who enters"])}


def test_what_the_form_has_left_in_a_flow_on_an_event_does_not_count():
    make_live_flow(trigger=make_event_type(), trigger_key="pros")

    assert of_pros() == {}
