"""The use case behind every door, as callers inside Signalpost use it."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.ids import new_id
from automation.events.ingest import NewEvent, Outcome, Receipt, ingest
from automation.models import Contact, Event
from tests.factories import make_contact, make_event_type

pytestmark = pytest.mark.django_db


def new_event(**fields) -> NewEvent:
    fields = {"id": new_id(), "event_type": "email.bounced", "payload": {}, "metadata": {}, **fields}
    return NewEvent(**fields if "contact_id" in fields else {"user_id": "4711", **fields})


def outcomes(*events: NewEvent) -> list[Outcome]:
    return [receipt.outcome for receipt in ingest(events=events, at=timezone.now())]


def test_an_internal_caller_may_use_reserved_names_and_name_the_contact_by_our_id():
    ana = make_contact()
    event = new_event(contact_id=ana.pk, payload={"reason": "no such mailbox"})

    receipts = ingest(events=[event], at=timezone.now())

    assert receipts == [Receipt(Outcome.ACCEPTED, event.id)]
    assert Event.objects.get().contact == ana
    assert Contact.objects.count() == 1


def test_both_ways_to_name_a_contact_may_be_mixed():
    ana = make_contact(external_id="ana")

    assert (
        outcomes(new_event(contact_id=ana.pk), new_event(user_id="ana"), new_event(user_id="ben")) == ["accepted"] * 3
    )
    assert Contact.objects.get(external_id="ana").events.count() == 2


def test_the_payloads_of_internal_callers_are_checked_too():
    [receipt] = ingest(events=[new_event(payload={"url": 7})], at=timezone.now())

    assert receipt.outcome is Outcome.INVALID
    assert [fault.pointer for fault in receipt.faults] == ["/payload/url"]


def test_ingesting_again_is_known_whatever_is_now():
    event = new_event()

    assert outcomes(event) == ["accepted"]
    assert outcomes(event) == ["known"]


def test_an_event_stays_known_when_its_type_has_become_stricter():
    orders = make_event_type(name="OrderCompleted")
    event = new_event(event_type="OrderCompleted")
    assert outcomes(event) == ["accepted"]
    orders.schema = {"required": ["total"]}
    orders.save()

    assert outcomes(event, new_event(event_type="OrderCompleted")) == ["known", "invalid"]


def test_the_same_content_for_another_contact_is_a_conflict():
    key = new_id()

    assert outcomes(new_event(id=key, user_id="1"), new_event(id=key, user_id="2")) == ["accepted", "conflict"]
    assert outcomes(new_event(id=key, contact_id=1)) == ["conflict"]  # Not the client's id that looks the same.


def test_nothing_to_ingest_asks_for_no_contact_and_writes_nothing():
    assert ingest(events=[], at=timezone.now()) == []


def test_only_new_events_wake_the_pump_and_only_once_committed(settings, django_capture_on_commit_callbacks):
    settings.WAKE = True
    events = [new_event() for _ in range(10)]

    with django_capture_on_commit_callbacks() as for_new:
        ingest(events=events, at=timezone.now())
    with django_capture_on_commit_callbacks() as for_known:
        ingest(events=[*events, new_event(event_type="Unknown")], at=timezone.now())

    assert len(for_new) == 1
    assert for_known == []


@pytest.mark.django_db(transaction=True)
def test_it_joins_the_transaction_of_its_caller():
    with transaction.atomic():
        ingest(events=[new_event()], at=timezone.now())
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert not Contact.objects.exists()


def test_the_worst_batch_costs_six_statements():
    known = [new_event(user_id=f"{n}") for n in range(100)]
    ingest(events=known, at=timezone.now())
    make_event_type(name="OrderCompleted")
    mixed = [
        *known,
        *(new_event(user_id=f"new {n}", event_type="OrderCompleted") for n in range(100)),
        *(new_event(event_type="Unknown") for _ in range(100)),
    ]

    with CaptureQueriesContext(connection) as queries:
        ingest(events=mixed, at=timezone.now())

    assert len(queries) <= 6


def test_of_people_whose_home_is_elsewhere_clients_can_tell_nothing(settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]
    abroad = make_contact(external_id="abroad", region="US")
    make_contact(external_id="home", region="EU")

    [refused, *others] = ingest(
        events=[
            new_event(user_id="abroad"),
            new_event(user_id="home"),
            new_event(user_id="new"),
            new_event(contact_id=abroad.pk),
        ],
        at=timezone.now(),
    )

    assert [(fault.pointer, fault.code) for fault in refused.faults] == [("/user_id", "foreign_region")]
    assert [receipt.outcome for receipt in others] == ["accepted"] * 3
    assert set(Event.objects.values_list("contact__external_id", flat=True)) == {"home", "new", "abroad"}


def test_their_events_are_taken_in_where_that_is_the_policy(settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]
    settings.FOREIGN_EVENTS = "set_aside"
    make_contact(external_id="abroad", region="US")

    assert outcomes(new_event(user_id="abroad")) == ["accepted"]


def test_what_was_told_before_somebody_was_foreign_stays_known(settings):
    make_contact(external_id="abroad", region="US")
    event = new_event(user_id="abroad")
    first = outcomes(event)
    settings.DEPLOYMENT_REGIONS = ["EU"]

    assert (first, outcomes(event)) == (["accepted"], ["known"])


def test_whose_home_is_where_is_asked_only_where_it_matters(settings):
    make_contact(external_id="home", region="EU")

    def statements(regions):
        settings.DEPLOYMENT_REGIONS = regions
        with CaptureQueriesContext(connection) as made:
            outcomes(new_event(user_id="home"))
        return len(made)

    assert (statements([]), statements(["EU"])) == (2, 3)
