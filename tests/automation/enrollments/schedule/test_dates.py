"""Dates of contacts: birthdays and ends of trials, by whose clock, and whatever an attribute holds."""

from datetime import UTC, datetime, timedelta

import pytest

from automation.enrollments.models import Enrollment
from automation.enrollments.occurrences import Occurrence
from automation.flows.triggers import Timing
from tests.automation.enrollments.schedule.scheduled import make_scheduled_flow, run_until_idle
from tests.factories import make_contact

pytestmark = pytest.mark.django_db
BORN = {"timing": Timing.YEARLY, "date_path": "contact.attributes.born", "re_entry": "always", "for_everybody": False}
TRIAL = {
    "timing": Timing.DATE,
    "date_path": "contact.attributes.trial.ends_at",
    "re_entry": "always",
    "offset_days": -3,
}
# What services have been seen to send, or might.
ODD: list[object] = [
    *(None, 1990, 1e300, True, [], {}, "", "soon"),
    *("2026-13-45", "2026-02-30T09:00:00Z", "0000-12-01", "12/01/1990"),
    "1990-12-01T99:99:99Z",
    "1990-12-01 Europe/Berlin",
    "'; DROP TABLE automation_contact; --",
    "{0} %s",
    "\uff11990-12-01",
]


def run_days(first: datetime, days: int) -> None:
    for day in range(days):
        run_until_idle(first + timedelta(days=day))


def entered() -> list[tuple[str, str]]:
    return list(Enrollment.objects.order_by("entry_key", "pk").values_list("contact__external_id", "entry_key"))


def test_a_birthday_comes_every_year():
    make_contact(external_id="ana", attributes={"born": "1990-12-01"})
    make_contact(external_id="bo", attributes={"born": "1990-12-02T23:30:00+01:00"})
    make_contact(external_id="cy", attributes={"born": "2027-12-01"})
    make_scheduled_flow(published_at=datetime(2026, 11, 30, 12, tzinfo=UTC), **BORN)

    run_days(datetime(2026, 12, 1, 8, tzinfo=UTC), 3)
    run_days(datetime(2027, 12, 1, 8, tzinfo=UTC), 2)

    assert entered() == [
        ("ana", "2026-12-01T09:00"),
        ("bo", "2026-12-02T09:00"),
        ("ana", "2027-12-01T09:00"),
        ("bo", "2027-12-02T09:00"),
    ]


def test_who_was_born_on_29_february_has_a_birthday_every_year():
    make_contact(external_id="leap", attributes={"born": "2000-02-29"})
    make_contact(external_id="day-before", attributes={"born": "2001-02-28"})
    make_scheduled_flow(published_at=datetime(2027, 2, 26, tzinfo=UTC), **BORN)

    run_days(datetime(2027, 2, 27, 8, tzinfo=UTC), 4)
    run_days(datetime(2028, 2, 27, 8, tzinfo=UTC), 4)

    assert sorted(entered()) == [
        ("day-before", "2027-02-28T09:00"),
        ("day-before", "2028-02-28T09:00"),
        ("leap", "2027-02-28T09:00"),
        ("leap", "2028-02-29T09:00"),
    ]


def test_the_end_of_a_trial_counts_once_for_each_date_that_it_has_had():
    contact = make_contact(attributes={"trial": {"ends_at": "2026-12-04T22:59:59Z"}})  # Still the fourth in Berlin.
    make_scheduled_flow(published_at=datetime(2026, 11, 30, 12, tzinfo=UTC), **TRIAL)
    run_days(datetime(2026, 12, 1, 8, tzinfo=UTC), 1)

    contact.attributes = {"trial": {"ends_at": "2026-12-05T23:00:00Z"}}  # The sixth.
    contact.save()
    run_days(datetime(2026, 12, 2, 8, tzinfo=UTC), 5)

    assert [key for _, key in entered()] == ["2026-12-01T09:00", "2026-12-03T09:00"]


@pytest.mark.parametrize("told", [BORN, {**TRIAL, "date_path": "contact.attributes.born", "offset_days": 0}])
@pytest.mark.parametrize("zone", ["Europe/Berlin", ""])
def test_whatever_an_attribute_holds_nothing_is_raised_and_others_enter(told, zone):
    for n, value in enumerate(ODD):
        make_contact(external_id=f"odd-{n}", attributes={"born": value}, time_zone="Mars/Olympus" if n % 2 else "")
    make_contact(external_id="good", attributes={"born": "2026-12-01" if told is not BORN else "1990-12-01"})
    make_scheduled_flow(published_at=datetime(2026, 11, 30, 9, tzinfo=UTC), **told, clock_zone=zone)

    run_days(datetime(2026, 12, 1, 21, tzinfo=UTC), 1)

    assert set(Occurrence.objects.values_list("status", flat=True)) <= {"done", "running", "planned"}
    assert [who for who, _ in entered()] == ["good"]


def test_by_each_contacts_own_clock_it_is_due_when_it_is_nine_there():
    zones = {"tokyo": "Asia/Tokyo", "la": "America/Los_Angeles", "unknown": "", "nowhere": "Mars/Olympus"}
    for name, zone in zones.items():
        make_contact(external_id=name, time_zone=zone, attributes={"born": "1990-12-01"})
    make_scheduled_flow(
        published_at=datetime(2026, 11, 29, tzinfo=UTC), **BORN, clock_zone="", time_zone="Europe/Berlin"
    )

    run_until_idle(datetime(2026, 11, 30, 19, tzinfo=UTC))  # It is nine in Kiribati.

    due = Enrollment.objects.filter(entry_key="2026-12-01T09:00").values_list("contact__external_id", "due_at")
    assert dict(due) == {
        "tokyo": datetime(2026, 12, 1, 0, tzinfo=UTC),
        "la": datetime(2026, 12, 1, 17, tzinfo=UTC),
        "unknown": datetime(2026, 12, 1, 8, tzinfo=UTC),
        "nowhere": datetime(2026, 12, 1, 8, tzinfo=UTC),
    }


def test_a_date_that_becomes_known_in_the_course_of_the_day_counts_if_its_time_is_still_to_come():
    make_scheduled_flow(published_at=datetime(2026, 11, 29, tzinfo=UTC), **BORN, clock_zone="")
    nine_in_tokyo = datetime(2026, 12, 1, 0, tzinfo=UTC)
    for hour in range(-5, 1):
        run_until_idle(nine_in_tokyo + timedelta(hours=hour, minutes=1))
    for name, zone in {"tokyo": "Asia/Tokyo", "la": "America/Los_Angeles"}.items():
        make_contact(external_id=name, time_zone=zone, attributes={"born": "1990-12-01"})

    for hour in range(1, 23):
        run_until_idle(nine_in_tokyo + timedelta(hours=hour, minutes=1))

    assert entered() == [("la", "2026-12-01T09:00")]
    assert Occurrence.objects.get(wall_time="2026-12-01T09:00").status == "done"


def test_published_in_the_course_of_the_day_it_is_for_those_whose_time_is_still_to_come():
    for name, zone in {"tokyo": "Asia/Tokyo", "la": "America/Los_Angeles"}.items():
        make_contact(external_id=name, time_zone=zone)
    published_at = datetime(2026, 12, 1, 6, tzinfo=UTC)
    make_scheduled_flow(published_at=published_at, clock_zone="")

    run_until_idle(published_at)

    assert [who for who, _ in entered()] == ["la"]
    assert Occurrence.objects.get().status == "done"
