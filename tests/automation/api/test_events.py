"""POST /api/v1/events/: what each kind of event is answered with, and what is stored."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils import timezone

from automation.models import Contact, Event
from tests.automation.api.service import Service, an_event, assert_problem, faults_of
from tests.factories import make_contact, make_event_type

ORDER_SCHEMA = {
    "type": "object",
    "required": ["order_id", "total"],
    "properties": {"total": {"type": "number", "minimum": 0}, "email": {"type": "string", "format": "email"}},
}


@pytest.fixture(autouse=True)
def order_completed(db):
    return make_event_type(name="OrderCompleted", schema=ORDER_SCHEMA)


def order(**fields):
    return an_event(**{"payload": {"order_id": "A-1", "total": 49.9}, **fields})


def test_a_new_event_is_stored_whole_and_answered_with_202(service: Service, order_completed):
    event = order(timestamp=1_772_366_400_123, metadata={"source": "shop"})

    response = service.post("/api/v1/events/", event)

    assert response.status_code == 202
    assert response.json() == {"event_id": event["event_id"], "status": 202}
    stored = Event.objects.get()
    assert stored.id == UUID(event["event_id"])
    assert stored.event_type == order_completed
    assert stored.contact.external_id == "4711"
    assert stored.occurred_at == datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
    assert stored.payload == {"order_id": "A-1", "total": 49.9}
    assert stored.metadata == {"source": "shop"}
    assert stored.status == Event.Status.NEW


def test_the_react_pump_finds_a_new_event(service: Service):
    service.post("/api/v1/events/", order())

    assert Event.objects.due(timezone.now()).count() == 1


def test_an_event_without_a_timestamp_happened_now(service: Service):
    before = timezone.now()

    service.post("/api/v1/events/", order())

    assert before <= Event.objects.get().occurred_at <= timezone.now()


def test_an_iso_timestamp_keeps_its_instant(service: Service):
    service.post("/api/v1/events/", order(timestamp="2026-03-01T14:00:00.5+02:00"))

    assert Event.objects.get().occurred_at == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


def test_the_same_event_again_is_answered_with_200_and_stored_once(service: Service):
    event = order()

    first, second = service.post("/api/v1/events/", event), service.post("/api/v1/events/", event)

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == {"event_id": event["event_id"], "status": 200}
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda event: json.dumps(event, indent=4), id="white space"),
        pytest.param(lambda event: json.dumps(dict(reversed(event.items()))), id="order of fields"),
        pytest.param(
            lambda event: json.dumps(event | {"payload": dict(reversed(event["payload"].items()))}), id="order of keys"
        ),
        pytest.param(lambda event: json.dumps(event, ensure_ascii=False), id="escapes"),
        pytest.param(lambda event: json.dumps(event | {"metadata": {}}), id="an absent field at its default"),
        pytest.param(lambda event: json.dumps(event | {"timestamp": "2026-03-01T13:00:00+01:00"}), id="another zone"),
        pytest.param(
            lambda event: json.dumps(event | {"event_id": event["event_id"].upper()}), id="capitals in the id"
        ),
    ],
)
def test_how_an_event_is_written_makes_it_no_other(service: Service, rewrite):
    event = order(timestamp=1_772_366_400_000, payload={"order_id": "é", "total": 1})
    service.post("/api/v1/events/", event)

    assert service.post("/api/v1/events/", rewrite(event)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id": "4712"},
        {"payload": {"order_id": "A-1", "total": 50}},
        {"payload": {"order_id": "A-1", "total": 49.9, "note": None}},
        {"metadata": {"source": "till"}},
        {"timestamp": 1_772_366_400_001},
    ],
)
def test_other_content_under_a_known_id_is_a_conflict_and_changes_nothing(service: Service, changed):
    event = order()
    service.post("/api/v1/events/", event)
    before = Event.objects.values().get()

    response = service.post("/api/v1/events/", event | changed)

    assert_problem(response, 409)
    assert Event.objects.values().get() == before


def test_a_conflict_stays_a_conflict_and_the_first_content_stays_known(service: Service):
    event = order()
    service.post("/api/v1/events/", event)
    service.post("/api/v1/events/", event | {"user_id": "other"})

    assert service.post("/api/v1/events/", event | {"user_id": "other"}).status_code == 409
    assert service.post("/api/v1/events/", event).status_code == 200


def test_user_id_finds_the_contact_by_its_exact_id(service: Service):
    ana = make_contact(external_id="Ana ")

    service.post("/api/v1/events/", order(user_id="Ana "))
    service.post("/api/v1/events/", order(user_id="ana"))

    assert list(Event.objects.filter(contact=ana).values_list("contact__external_id", flat=True)) == ["Ana "]
    assert set(Contact.objects.values_list("external_id", flat=True)) == {"Ana ", "ana"}


def test_an_unknown_event_type_is_refused_by_its_name_and_with_a_way_out(service: Service):
    response = service.post("/api/v1/events/", order(event_type="OrderComplete"))

    problem = assert_problem(response, 422)
    assert faults_of(problem) == {"/event_type": "unknown_event_type"}
    assert "OrderComplete" in problem["detail"]
    assert "manage.py apply" in problem["detail"]
    assert not Contact.objects.exists()


def test_a_payload_that_does_not_fit_its_schema_is_refused_with_a_pointer_to_each_fault(service: Service):
    response = service.post("/api/v1/events/", order(payload={"total": -3, "email": "a secret"}))

    problem = assert_problem(response, 422)
    assert faults_of(problem) == {
        "/payload/order_id": "missing",
        "/payload/total": "schema_minimum",
        "/payload/email": "schema_format",
    }
    assert b"a secret" not in response.content
    assert not Event.objects.exists()


def test_clients_cannot_forge_the_esp_s_feedback(service: Service):
    response = service.post("/api/v1/events/", order(event_type="email.bounced"))

    assert faults_of(assert_problem(response, 422)) == {"/event_type": "reserved"}


def test_every_fault_of_an_event_is_told_at_once(service: Service):
    event = {"event_id": "nope", "user_id": "", "timestamp": "yesterday", "payload": [], "Metadata": {}}

    response = service.post("/api/v1/events/", event)

    assert faults_of(assert_problem(response, 422)) == {
        "/event_id": "bad_uuid",
        "/event_type": "missing",
        "/user_id": "bad_length",
        "/timestamp": "bad_time",
        "/payload": "wrong_type",
        "/Metadata": "unknown_field",
    }


def test_an_event_whose_schema_is_broken_is_refused_and_not_a_500(service: Service, order_completed):
    order_completed.schema = {"type": "no such type"}
    order_completed.save()

    response = service.post("/api/v1/events/", order())

    assert faults_of(assert_problem(response, 422)) == {"/event_type": "schema_invalid"}


def test_a_changed_schema_counts_from_the_next_event_on(service: Service, order_completed):
    assert service.post("/api/v1/events/", order()).status_code == 202
    type(order_completed).objects.filter(pk=order_completed.pk).update(schema={"required": ["currency"]})

    response = service.post("/api/v1/events/", order())

    assert faults_of(assert_problem(response, 422)) == {"/payload/currency": "missing"}
