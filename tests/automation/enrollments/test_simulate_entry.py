"""Simulating a draft: whether the contact enters, and when a schedule has their turn."""

from datetime import UTC, datetime, time, timedelta

import pytest

from automation.core.ids import new_id
from automation.enrollments.enter import Verdict
from automation.enrollments.models import LastEntry
from automation.enrollments.react import react_to_due_events
from automation.enrollments.simulation.told import About
from automation.flows.triggers import Timing, TriggerKind
from automation.models import Contact
from tests.automation.enrollments.simulated import AT, only, told
from tests.factories import make_event, make_event_type, make_flow, make_live_flow

pytestmark = pytest.mark.django_db


def test_who_is_in_it_already_does_not_enter_again(ana):
    flow = make_live_flow()
    make_event(flow.trigger, ana)
    react_to_due_events()

    assert [one.said for one in told(flow, ana)] == [Verdict.ALREADY_ENTERED]


def test_a_pause_before_the_next_entry_is_kept(ana):
    flow = make_live_flow(re_entry="after", re_entry_after=timedelta(days=7))
    LastEntry.objects.create(
        contact=ana, flow=flow, event_id=new_id(), entered_at=AT - timedelta(days=6), pause=timedelta(days=7)
    )

    [refused] = told(flow, ana)

    assert (refused.said, refused.seen) == ("re_entry_too_soon", {"again_at": "2026-03-28T12:00:00+00:00"})


def test_a_contact_who_is_held_out_is_told_so_and_a_made_up_one_takes_part(ana):
    flow = make_flow(holdout_percent=99.99)

    assert told(flow, ana)[0].said == "held_out"
    assert told(flow, Contact(pk=0, email="b@example.com"))[0].said == "entered"


def test_a_made_up_event_counts_in_the_past_of_its_contact(ana):
    ordered = make_event_type()
    rule = {"did": ordered.name, "at_least": 2, "where": {"field": "event.payload.total", "op": "gte", "value": 50}}
    flow = make_flow(trigger=ordered, entry_rule=rule)

    assert told(flow, ana, {"total": 60})[0].said == "rule_false"
    make_event(ordered, ana, payload={"total": 70}, occurred_at=AT - timedelta(days=1))
    assert told(flow, ana, {"total": 60})[0].seen["seen"] == 2
    assert told(flow, ana, {"total": 20})[0].seen["seen"] == 1


def test_an_event_of_another_kind_is_not_listened_to(ana):
    [refused] = told(make_flow(), ana, event=make_event(contact=ana))

    assert refused.said == "does_not_listen"


def test_a_schedule_begins_when_it_is_the_contacts_turn(ana):
    flow = make_flow(
        trigger_kind=TriggerKind.SCHEDULE, timing=Timing.ONCE, day="2026-03-30", clock=time(9), for_everybody=True
    )

    lines = told(flow, ana)

    assert (lines[0].said, lines[0].at) == ("entered", datetime(2026, 3, 30, 7, tzinfo=UTC))
    assert only(lines, About.MAIL).at == lines[0].at


def test_a_schedule_that_comes_no_more_says_so(ana):
    flow = make_flow(
        trigger_kind=TriggerKind.SCHEDULE, timing=Timing.ONCE, day="2026-03-20", clock=time(9), for_everybody=True
    )

    assert [one.said for one in told(flow, ana)] == ["no_turn"]


def test_a_schedule_asks_its_entry_rule(ana):
    rule = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
    flow = make_flow(
        trigger_kind=TriggerKind.SCHEDULE, timing=Timing.ONCE, day="2026-03-30", clock=time(9), entry_rule=rule
    )

    [refused] = told(flow, ana)

    assert (refused.said, refused.seen["seen"]) == ("rule_false", "free")
