"""When it is one contact's turn: as the schedule pump has it for many."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from automation.enrollments.models import Enrollment
from automation.enrollments.schedule.turn import turn
from automation.flows.definition import of_version
from automation.flows.schedule import Schedule
from automation.flows.triggers import Timing
from tests.automation.enrollments.schedule.scheduled import make_scheduled_flow, run_until_idle
from tests.factories import make_contact

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def of(told=None, time_zone="", at=AT, **fields):
    fields = {"clock": time(9), "date_path": "contact.attributes.day", **fields}
    contact = {"time_zone": time_zone, "attributes": {"day": told}}
    found = turn(Schedule(**fields), contact, fallback="Europe/Berlin", at=at)
    return f"{found:%Y-%m-%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("time_zone", "expected"),
    [("", "2026-12-01 08:00"), ("Asia/Tokyo", "2026-12-01 00:00"), ("America/New_York", "2026-12-01 14:00")],
)
def test_by_the_contacts_own_clock_else_by_that_of_the_flow(time_zone, expected):
    assert of(timing=Timing.ONCE, day=date(2026, 12, 1), time_zone=time_zone) == expected


def test_by_the_clock_of_the_schedule_if_that_counts():
    assert of(timing=Timing.ONCE, day=date(2026, 12, 1), zone="UTC", time_zone="Asia/Tokyo") == "2026-12-01 09:00"


def test_a_time_that_is_over_where_the_contact_lives_comes_no_more():
    once = {"timing": Timing.ONCE, "day": date(2026, 11, 24)}

    assert of(**once, time_zone="Asia/Tokyo") is None
    assert of(**once, time_zone="America/New_York") == "2026-11-24 14:00"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2027-01-31", "2027-02-02 08:00"),
        ("2027-01-31T23:30:00Z", "2027-02-03 08:00"),  # In Berlin, that is the first of February.
        ("2020-01-31", None),
        ("soon", None),
        (None, None),
    ],
)
def test_on_a_date_of_the_contact(told, expected):
    assert of(told, timing=Timing.DATE, offset_days=2) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("1990-11-24", "2027-11-24 08:00"),  # This year's is over.
        ("1990-11-25", "2026-11-25 08:00"),
        ("1992-02-29", "2027-02-28 08:00"),
        ("2026-12-24", "2027-12-24 08:00"),  # The day itself is no anniversary.
    ],
)
def test_every_year_on_a_date_of_the_contact(told, expected):
    assert of(told, timing=Timing.YEARLY) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("timing", [Timing.DATE, Timing.YEARLY])
def test_the_pump_enters_each_contact_for_the_same_instant(timing):
    dates = ["1992-11-27", "2026-11-27", "2026-11-26T20:00:00Z", "1992-11-26T20:00:00Z", "soon"]
    zones = ["", "Asia/Tokyo", "America/Los_Angeles"]
    contacts = [make_contact(attributes={"day": one}, time_zone=zone) for one in dates for zone in zones]
    shape = {"timing": timing, "date_path": "contact.attributes.day", "day": None, "clock_zone": ""}
    flow = make_scheduled_flow(published_at=AT, time_zone="Europe/Berlin", re_entry="always", **shape)
    schedule, until = of_version(flow.live_version).schedule, AT + timedelta(days=6)

    for hours in range(0, 6 * 24, 6):
        run_until_idle(AT + timedelta(hours=hours))

    turns = {one.pk: turn(schedule, one.facts(), fallback="Europe/Berlin", at=AT) for one in contacts}
    expected = {key: due_at for key, due_at in turns.items() if due_at and due_at < until}
    assert dict(Enrollment.objects.values_list("contact", "due_at")) == expected
    assert len(expected) == 6
