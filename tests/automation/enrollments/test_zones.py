"""Whose clock a wait goes by, whichever pump begins it: the contact's, the flow's, that of the house rules, or UTC."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.flows.house_rules import HouseRules
from automation.models import Enrollment
from tests.factories import make_contact, make_enrollment, make_event, make_event_type, make_live_flow, send

pytestmark = pytest.mark.django_db

AT_NINE = {"kind": "wait_time", "key": "nine", "options": {"clock": "09:00"}}
ZONES = pytest.mark.parametrize(
    ("contact", "flow", "house", "counts"),
    [
        ("Asia/Tokyo", "Europe/Lisbon", "America/New_York", "Asia/Tokyo"),
        ("", "Europe/Lisbon", "America/New_York", "Europe/Lisbon"),
        ("", "", "America/New_York", "America/New_York"),
        ("", "", "", "UTC"),
        ("", "", None, "UTC"),  # There are no house rules.
    ],
)


def waits_for_nine_in(zone):
    enrollment = Enrollment.objects.get()
    assert (enrollment.step_key, enrollment.rests_since is None) == ("nine", False)
    return f"{enrollment.due_at.astimezone(ZoneInfo(zone)):%H:%M}" == "09:00"


@pytest.fixture
def house_in():
    return lambda zone: zone is not None and HouseRules.objects.create(time_zone=zone)


@ZONES
def test_who_has_just_entered(house_in, contact, flow, house, counts):
    house_in(house)
    live = make_live_flow(AT_NINE, send(), time_zone=flow)
    make_event(live.trigger, make_contact(time_zone=contact))

    react_to_due_events()

    assert waits_for_nine_in(counts)


@ZONES
def test_whose_other_wait_is_over(house_in, contact, flow, house, counts):
    house_in(house)
    make_enrollment(make_live_flow(AT_NINE, send(), time_zone=flow), make_contact(time_zone=contact))

    advance_due_enrollments()

    assert waits_for_nine_in(counts)


@ZONES
def test_who_goes_on_after_an_event(house_in, contact, flow, house, counts):
    house_in(house)
    paid = make_event_type()
    live = make_live_flow(
        {"kind": "wait_event", "options": {"event": paid.name}, "wait_for": timedelta(1)},
        AT_NINE,
        send(),
        time_zone=flow,
    )
    person = make_contact(time_zone=contact)
    make_event(live.trigger, person)
    react_to_due_events()
    make_event(paid, person)

    react_to_due_events()

    assert waits_for_nine_in(counts)


def test_another_zone_of_the_house_counts_for_who_waits_already(house_in):
    house_in("Europe/Lisbon")
    make_enrollment(make_live_flow(AT_NINE, send()), make_contact(time_zone=""))
    advance_due_enrollments()
    assert waits_for_nine_in("Europe/Lisbon")
    HouseRules.objects.update(time_zone="Pacific/Honolulu")
    enrollment = Enrollment.objects.get()
    Enrollment.objects.update(due_at=enrollment.entered_at)

    advance_due_enrollments()

    assert waits_for_nine_in("Pacific/Honolulu")
