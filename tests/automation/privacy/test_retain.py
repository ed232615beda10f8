"""Retention: what is over and old goes, and nothing else, whenever it stops."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.ids import new_id
from automation.enrollments.models import StepRun
from automation.models import (
    Attempt,
    Contact,
    Engagement,
    Enrollment,
    Event,
    FrequencyCap,
    HookCall,
    Message,
    RetentionWalk,
)
from automation.privacy import retain as retain_module
from automation.privacy.retain import retain
from tests.factories import make_contact, make_enrollment, make_event, make_event_type, make_message

pytestmark = pytest.mark.django_db

KEPT = timedelta(days=100)


@pytest.fixture(autouse=True)
def keep(settings):
    settings.KEEP = dict.fromkeys(settings.KEEP, KEPT)


def ago(**time: float):
    return timezone.now() - timedelta(**time)


OLD, YOUNG = {"days": 100, "minutes": 1}, {"days": 99, "hours": 23}


def walk() -> None:
    while retain():
        pass


def make_old_event(**fields):
    return make_event(**{"status": "decided", "occurred_at": ago(**OLD), "received_at": ago(**OLD), **fields})


def make_old_message(**fields):
    return make_message(**{"status": "delivered", "created_at": ago(**OLD), "contact": make_contact(), **fields})


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({}, False),
        ({"status": "set_aside"}, False),
        ({"status": "new"}, True),
        ({"occurred_at": ago(**YOUNG)}, True),
        ({"received_at": ago(**YOUNG)}, True),
    ],
)
def test_events_that_are_over_go(fields, stays):
    make_old_event(**fields)

    walk()

    assert Event.objects.exists() == stays


@pytest.mark.parametrize("status", ["active", "set_aside"])
def test_what_an_enrollment_on_its_way_reads_stays(status):
    contact = make_contact()
    event = make_old_event(contact=contact)
    enrollment = make_enrollment(contact=contact, event=event, status=status)
    make_old_message(contact=contact, enrollment=enrollment)
    StepRun.objects.create(enrollment=enrollment, step_key="a", visit=1, ran_at=ago(**OLD))

    walk()

    assert Event.objects.filter(pk=event.pk).exists()
    assert (Message.objects.count(), StepRun.objects.count()) == (1, 1)


def test_an_enrollment_that_has_ended_stays_and_decides_about_entry_without_its_event_and_steps():
    contact = make_contact()
    ended = {"status": "completed", "due_at": None, "ended_at": ago(**OLD), "entry_key": "cart 1"}
    event = make_old_event(contact=contact)
    enrollment = make_enrollment(contact=contact, event=event, **ended)
    StepRun.objects.create(enrollment=enrollment, step_key="a", visit=1)

    walk()

    left = Enrollment.objects.get()
    assert (left.pk, left.event, left.entry_key) == (enrollment.pk, None, "cart 1")
    assert not Event.objects.filter(pk=event.pk).exists()
    assert not StepRun.objects.exists()


def test_what_it_awaited_stays_for_as_long_as_what_it_entered_on():
    contact = make_contact()
    events = {"event": make_old_event(contact=contact), "awaited": make_old_event(contact=contact)}
    enrollment = make_enrollment(contact=contact, **events)

    read = Event.objects.filter(pk__in=[event.pk for event in events.values()])
    walk()
    assert read.count() == 2
    Enrollment.objects.update(status="completed", due_at=None, ended_at=ago(**OLD))
    RetentionWalk.objects.all().delete()
    walk()

    enrollment.refresh_from_db()
    assert (enrollment.event, enrollment.awaited, read.count()) == (None, None, 0)


def test_of_what_it_entered_on_and_what_it_awaited_only_what_is_old_goes():
    contact = make_contact()
    entered_on, awaited = make_old_event(contact=contact), make_old_event(contact=contact, received_at=ago(**YOUNG))
    ended = {"status": "completed", "due_at": None, "ended_at": ago(**OLD)}
    enrollment = make_enrollment(contact=contact, event=entered_on, awaited=awaited, **ended)

    walk()

    enrollment.refresh_from_db()
    assert (enrollment.event, enrollment.awaited) == (None, awaited)


def test_step_runs_of_what_ended_of_late_stay():
    enrollment = make_enrollment(status="completed", due_at=None, ended_at=ago(**YOUNG))
    StepRun.objects.create(enrollment=enrollment, step_key="a", visit=1, ran_at=ago(**OLD))

    walk()

    assert StepRun.objects.exists()


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({}, False),
        ({"status": "failed"}, False),
        ({"status": "withheld"}, False),
        ({"contact": None}, False),
        ({"status": "queued"}, True),
        ({"status": "held"}, True),
        ({"status": "uncertain"}, True),
        ({"status": "sending"}, True),
        ({"lease_until": ago(days=1)}, True),
        ({"claimed_at": ago(**YOUNG)}, True),
        ({"created_at": ago(**YOUNG)}, True),
    ],
)
def test_messages_that_are_over_go(fields, stays):
    make_old_message(**fields)

    walk()

    assert Message.objects.exists() == stays


def test_attempts_opens_and_clicks_go_with_their_message_and_others_stay():
    for message in (make_old_message(), make_old_message(created_at=ago(**YOUNG))):
        times = {"began_at": message.created_at, "ended_at": message.created_at}
        Attempt.objects.create(message=message, number=1, account=message.account, outcome="accepted", **times)
        Engagement.objects.create(
            id=new_id(), message=message, is_click=True, at=message.created_at, flagged=False, signs=[]
        )

    walk()

    young = Message.objects.get()
    assert (Attempt.objects.get().message, Engagement.objects.get().message) == (young, young)


def test_what_a_frequency_cap_counts_stays():
    FrequencyCap.objects.create(name="rarely", limit=1, period=timedelta(days=200))
    make_old_message()

    walk()

    assert Message.objects.exists()


@pytest.mark.parametrize(("status", "stays"), [("taken", False), ("set_aside", False), ("queued", True)])
def test_calls_to_services_that_are_over_go(status, stays):
    enrollment = make_enrollment()
    HookCall.objects.create(
        dedupe_key="a", enrollment=enrollment, contact=enrollment.contact, flow=enrollment.flow, url="https://a.example",
        body="{}", status=status, created_at=ago(**OLD),
    )  # fmt: skip

    walk()

    assert HookCall.objects.exists() == stays


def test_what_is_to_be_kept_for_ever_is_kept(settings):
    settings.KEEP = {**settings.KEEP, "events": None}
    make_old_event()
    make_old_message()

    walk()

    assert (Event.objects.count(), Message.objects.count()) == (1, 0)


def test_nobody_walks_where_all_is_kept(settings):
    settings.KEEP = dict.fromkeys(settings.KEEP)

    assert retain() == 0
    assert not RetentionWalk.objects.exists()


def test_stopped_half_way_it_goes_on_with_the_next_contacts(monkeypatch):
    monkeypatch.setattr(retain_module, "STRETCH", 2)
    kind = make_event_type()
    for _ in range(5):
        make_old_event(event_type=kind)

    assert [retain(), Event.objects.count()] == [1, 3]
    assert RetentionWalk.objects.get().contact_id == Contact.objects.order_by("pk")[1].pk
    assert [retain(), Event.objects.count()] == [1, 1]


def test_a_contact_with_more_than_one_transaction_deletes_comes_again(monkeypatch):
    monkeypatch.setattr(retain_module, "MOST", 2)
    contact, kind = make_contact(), make_event_type()
    for _ in range(5):
        make_old_event(event_type=kind, contact=contact)

    walk()

    assert not Event.objects.exists()


def test_the_next_walk_begins_a_day_later():
    walk()
    make_old_event()

    assert retain() == 0

    RetentionWalk.objects.update(due_at=ago(seconds=1))
    walk()
    assert not Event.objects.exists()


def test_a_stretch_costs_the_same_statements_for_one_contact_and_for_many():
    def statements(contacts: int) -> int:
        RetentionWalk.objects.update(contact_id=0, due_at=ago(seconds=1))
        for _ in range(contacts):
            contact = make_contact()
            make_old_event(contact=contact)
            make_old_message(contact=contact)
        with CaptureQueriesContext(connection) as asked:
            assert retain() == 1
        return len(asked)

    walk()

    assert statements(1) == statements(20) <= 12
