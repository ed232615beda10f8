"""How a file says what makes contacts enter."""

from datetime import date, time

import pytest

from automation.models import Flow, Segment
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db
# Without an event nothing of it can be read.
SHOP = SHOP.replace("path: event.payload.name, default", "path: contact.attributes.name, default")


def told(trigger: str) -> str:
    return SHOP.replace("trigger: SignedUp", f"trigger: {trigger}")


@pytest.mark.parametrize("trigger", ["SignedUp", "{event: SignedUp}"])
def test_an_event(apply_text, trigger):
    apply_text(told(trigger))

    flow = Flow.objects.get()
    assert (flow.trigger_kind, str(flow.trigger)) == ("event", "SignedUp")
    assert not any(change.details for change in apply_text(told(trigger)).changes)


def test_a_segment(apply_text):
    Segment.objects.create(key="big-spenders", name="Big spenders")

    apply_text(told("{segment: big-spenders}"))

    flow = Flow.objects.get()
    assert (flow.trigger_kind, str(flow.trigger), flow.trigger_key) == ("segment", "segment.entered", "big-spenders")


def test_a_schedule(apply_text):
    weekly = "{schedule: {timing: recurring, day: 2026-12-01, at: 09:00, recurrence: FREQ=DAILY, everybody: true}}"

    apply_text(told(weekly))

    flow = Flow.objects.get()
    assert (flow.trigger_kind, flow.trigger, flow.timing) == ("schedule", None, "recurring")
    assert (flow.day, flow.clock, flow.recurrence) == (date(2026, 12, 1), time(9), "FREQ=DAILY")
    assert flow.live_version.definition["schedule"]["clock"] == "09:00"
    assert not any(change.details for change in apply_text(told(weekly)).changes)


def test_back_to_an_event_nothing_is_left_of_the_schedule(apply_text):
    apply_text(told("{schedule: {timing: yearly, at: 09:00, date: contact.attributes.born}}\n    re_entry: always"))

    apply_text(told("SignedUp"))

    flow = Flow.objects.get()
    assert (flow.trigger_kind, flow.timing, flow.clock, flow.date_path) == ("event", "", None, "")


@pytest.mark.parametrize(
    ("trigger", "fault"),
    [
        ("{event: Nothing}", "flows.welcome.trigger.event: There is no event type “Nothing”"),
        ("{segment: nothing}", "flows.welcome: The rule asks for the segment “nothing”, which does not exist."),
        ("{schedule: {timing: sometimes}}", "flows.welcome.trigger.schedule.timing: Expected one of once,"),
        ("{schedule: {timing: once, at: 9 am}}", "trigger.schedule.at: Expected a time of day, such as 09:30."),
        ("{schedule: {timing: once, day: soon}}", "trigger.schedule.day: Expected a date, such as 2030-12-31."),
        ("{schedule: {timing: once, zone: Mars}}", "trigger.schedule.zone: Write the name of a time zone"),
        ("{schedule: {timing: once, at: 09:00, day: 2026-12-01}}", "flows.welcome: Say who enters"),
        ("{when: now}", "flows.welcome.trigger: Expected one of event, segment, schedule."),
    ],
)
def test_faults_stand_where_they_are(faults_of, trigger, fault):
    assert any(fault in one for one in faults_of(told(trigger)))
