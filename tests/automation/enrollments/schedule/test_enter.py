"""The schedule pump: everybody once, whoever dies, pauses or comes in between."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.models import Enrollment, Holdout
from automation.enrollments.occurrences import Occurrence
from automation.enrollments.schedule import enter as pump
from automation.enrollments.schedule.enter import enter_scheduled_contacts
from automation.enrollments.schedule.hold import pause, resume, stop
from automation.flows import pause as flows
from automation.flows.models import Flow, ReEntry
from automation.flows.publish import publish
from automation.flows.triggers import Timing
from automation.models import Message, Segment, SegmentMember
from tests.automation.enrollments.schedule.scheduled import make_contacts, make_scheduled_flow, run_until_idle
from tests.factories import make_contact

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 11, 24, 12, tzinfo=UTC)
NINE = datetime(2026, 12, 1, 8, tzinfo=UTC)  # In Berlin.


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(pump, "CHUNK", 10)


def entered() -> list[str]:
    return sorted(Enrollment.objects.values_list("contact__external_id", flat=True))


def test_a_broadcast_enters_everybody_once_when_its_time_has_come():
    make_contacts(25)
    flow = make_scheduled_flow(published_at=BEFORE)

    assert run_until_idle(NINE - timedelta(seconds=1)) == 0
    assert Occurrence.objects.get().status == "planned"
    run_until_idle(NINE)
    run_until_idle(NINE + timedelta(days=400))

    occurrence = Occurrence.objects.get()
    assert (occurrence.status, occurrence.wall_time) == ("done", "2026-12-01T09:00")
    assert (occurrence.contacts, occurrence.looked_at, occurrence.entered) == (25, 25, 25)
    enrollments = Enrollment.objects.select_related("contact")
    assert {one.contact.external_id for one in enrollments} == {f"c-{n}" for n in range(25)}
    assert {(one.flow_id, one.event, one.occurrence, one.due_at, one.id.version) for one in enrollments} == {
        (flow.pk, None, occurrence, NINE, 7)
    }


def test_what_it_enters_is_mailed_and_who_cannot_be_mailed_says_why():
    make_contacts(2)
    make_contact(external_id="nowhere", email="")
    make_scheduled_flow(published_at=BEFORE)
    run_until_idle(NINE)

    with time_machine.travel(NINE, tick=False):
        advance_due_enrollments()

    assert set(Enrollment.objects.values_list("status", flat=True)) == {"completed"}
    assert sorted(Message.objects.values_list("status", "reason", "lane")) == [
        ("queued", "", "bulk"),
        ("queued", "", "bulk"),
        ("withheld", "no_address", "bulk"),
    ]


def test_only_those_enter_whom_the_rule_means_when_their_chunk_comes():
    here, there = make_contacts(12, region="EU"), make_contacts(12, region="US")
    make_scheduled_flow(
        published_at=BEFORE, for_everybody=False, entry_rule={"field": "contact.region", "op": "eq", "value": "EU"}
    )
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()
    here[-1].delete()
    there[-1].region = "EU"
    there[-1].save()

    run_until_idle(NINE)

    assert entered() == sorted([*(one.external_id for one in here[:-1]), there[-1].external_id])


@pytest.mark.parametrize("forgotten", ["erased", "created"])
def test_who_is_erased_or_comes_later_does_not_enter(forgotten):
    contacts = make_contacts(12)
    make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()

    if forgotten == "erased":
        contacts[-1].erased_at = NINE
        contacts[-1].save()
    else:
        make_contact(external_id="late")
    run_until_idle(NINE)

    assert len(entered()) == (11 if forgotten == "erased" else 12)
    assert "late" not in entered()


def test_statements_do_not_depend_on_the_size_of_a_chunk(monkeypatch):
    make_contacts(400)
    make_scheduled_flow(published_at=BEFORE, holdout_percent=10.0)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()

    def statements(size: int) -> int:
        monkeypatch.setattr(pump, "CHUNK", size)
        with time_machine.travel(NINE, tick=False), CaptureQueriesContext(connection) as captured:
            enter_scheduled_contacts()
        return len(captured)

    assert statements(3) == statements(300)
    assert Occurrence.objects.get().looked_at == 313


def test_who_is_held_out_is_kept_and_who_is_not_in_the_rollout_is_counted():
    make_contacts(400)
    make_scheduled_flow(published_at=BEFORE, rollout_percent=50.0, holdout_percent=20.0)

    run_until_idle(NINE)

    occurrence = Occurrence.objects.get()
    assert occurrence.entered == Enrollment.objects.count() > 0
    assert occurrence.held_out == Holdout.objects.count() > 0
    assert occurrence.entered + occurrence.held_out + occurrence.not_in_rollout == 400
    held = set(Holdout.objects.values_list("contact_id", flat=True))
    assert not held & set(Enrollment.objects.values_list("contact_id", flat=True))


def test_paused_it_holds_and_resumed_it_goes_on_where_it_was():
    make_contacts(25)
    make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()
    occurrence = Occurrence.objects.get()

    assert pause(occurrence=occurrence, by="ana")
    assert not pause(occurrence=occurrence, by="bo")
    run_until_idle(NINE)
    assert len(entered()) == 10

    assert resume(occurrence=occurrence)
    run_until_idle(NINE)
    assert len(entered()) == 25


def test_a_paused_flow_holds_its_schedule_too():
    make_contacts(25)
    flow = make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()

    flows.pause(flow=flow, reason="wait", by="ana")
    run_until_idle(NINE)
    assert len(entered()) == 10

    flows.resume(flow=flow)
    run_until_idle(NINE)
    assert len(entered()) == 25


def test_stopped_nobody_more_enters_for_good():
    make_contacts(25)
    make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()

    assert stop(occurrence=Occurrence.objects.get(), by="ana", at=NINE)
    assert not resume(occurrence=Occurrence.objects.get())
    run_until_idle(NINE)

    assert (len(entered()), Occurrence.objects.get().status) == (10, "stopped")


def test_archiving_stops_what_was_planned_or_running():
    make_contacts(25)
    flow = make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()

    flows.archive(flow=flow)
    run_until_idle(NINE)

    assert (len(entered()), Occurrence.objects.get().reason) == (10, "The flow was archived.")


@pytest.mark.parametrize(("re_entry", "expected"), [(ReEntry.ONCE, 3), (ReEntry.ALWAYS, 6)])
def test_a_recurring_schedule_enters_again_those_who_may(re_entry, expected):
    make_contacts(3)
    make_scheduled_flow(
        published_at=BEFORE, timing=Timing.RECURRING, recurrence="FREQ=WEEKLY;BYDAY=TU", re_entry=re_entry
    )

    run_until_idle(NINE)
    run_until_idle(NINE + timedelta(days=7))

    assert Enrollment.objects.count() == expected
    told = Occurrence.objects.order_by("wall_time").values_list("wall_time", "status", "entered", "not_again")
    assert list(told) == [
        ("2026-12-01T09:00", "done", 3, 0),
        ("2026-12-08T09:00", "done", expected - 3, 6 - expected),
        ("2026-12-15T09:00", "planned", 0, 0),
    ]


def test_of_missed_times_only_the_last_runs_and_the_others_say_so():
    make_contacts(1)
    make_scheduled_flow(published_at=BEFORE, timing=Timing.RECURRING, recurrence="FREQ=DAILY", re_entry="always")

    run_until_idle(NINE + timedelta(days=2, hours=3))

    told = Occurrence.objects.order_by("wall_time").values_list("wall_time", "status", "entered")
    assert list(told) == [
        ("2026-12-01T09:00", "skipped", 0),
        ("2026-12-02T09:00", "skipped", 0),
        ("2026-12-03T09:00", "done", 1),
        ("2026-12-04T09:00", "planned", 0),
    ]
    assert Occurrence.objects.first().reason == "The next time was due as well, and runs instead."


@pytest.mark.parametrize(("hours", "status"), [(3, "done"), (4, "skipped")])
def test_what_comes_later_than_the_flow_allows_is_skipped_and_says_so(hours, status):
    make_contacts(1)
    make_scheduled_flow(published_at=BEFORE, max_event_age=timedelta(hours=3))

    run_until_idle(NINE + timedelta(hours=hours))

    occurrence = Occurrence.objects.get()
    assert (occurrence.status, Enrollment.objects.count()) == (status, 1 if status == "done" else 0)
    assert status == "done" or occurrence.reason == "It would have begun 4:00:00 late, and the flow allows 3:00:00."


def test_publishing_anew_plans_anew_and_never_the_same_time_twice():
    make_contacts(2)
    flow = make_scheduled_flow(published_at=BEFORE)
    run_until_idle(BEFORE)
    Flow.objects.filter(pk=flow.pk).update(name="Renamed", re_entry=ReEntry.ALWAYS)
    with time_machine.travel(BEFORE, tick=False):
        second = publish(flow=flow)

    run_until_idle(NINE)
    Flow.objects.filter(pk=flow.pk).update(max_event_age=timedelta(days=1))
    with time_machine.travel(NINE - timedelta(hours=1), tick=False):
        publish(flow=flow)
    run_until_idle(NINE)

    assert Occurrence.objects.get().flow_version == second
    assert Enrollment.objects.count() == 2


def test_a_day_that_lay_before_publishing_does_not_come():
    make_contacts(2)
    make_scheduled_flow(published_at=NINE + timedelta(seconds=1))

    run_until_idle(NINE + timedelta(days=1))

    assert not Occurrence.objects.exists()


def test_of_a_segment_its_members_enter():
    inside, outside = make_contact(), make_contact()
    segment = Segment.objects.create(key="vip", name="VIP", rule={})
    SegmentMember.objects.create(segment=segment, contact=inside, since=BEFORE)
    make_scheduled_flow(published_at=BEFORE, for_everybody=False, trigger_key="vip")

    run_until_idle(NINE)

    assert entered() == [inside.external_id]
    assert outside.external_id not in entered()
