"""What the condition builder is offered: by the schema, and by what was seen of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.admin.conditions import seen
from automation.admin.conditions.offer import fields as fields_of
from automation.admin.conditions.offer import offer
from automation.core.json import JsonObject
from automation.core.rules import OPERATORS
from automation.models import EventType
from tests.factories import make_contact, make_event, make_event_type, make_segment

pytestmark = pytest.mark.django_db


def fields(event_type: EventType | None = None, *, with_values: bool = True) -> dict[str, JsonObject]:
    return {field["path"]: field for field in fields_of(event_type, with_values=with_values)}


def test_fields_of_the_payload_come_from_its_schema_with_their_kinds():
    schema = {
        "properties": {
            "total": {"type": "number", "title": "Order total"},
            "gift": {"type": "boolean"},
            "tags": {"type": "array"},
            "placed_at": {"type": "string", "format": "date-time"},
            "currency": {"enum": ["EUR", "USD"]},
            "customer": {"properties": {"tier": {"type": "string"}}},
        }
    }

    found = fields(make_event_type(schema=schema))

    kinds = {path.removeprefix("event.payload."): found[path]["kind"] for path in found if "payload" in path}
    assert kinds == {
        "total": "number",
        "gift": "boolean",
        "tags": "list",
        "placed_at": "date",
        "currency": "",
        "customer.tier": "text",
    }
    assert found["event.payload.total"]["label"] == "Order total"
    assert found["event.payload.currency"]["values"] == ["EUR", "USD"]


def test_fields_that_no_schema_names_are_known_from_what_was_sent():
    event_type = make_event_type()
    make_event(event_type, payload={"cart": {"size": 3}, "at": "2026-01-31"})
    make_event(make_event_type(), payload={"other": 1})

    found = fields(event_type)

    assert found["event.payload.cart.size"]["kind"] == "number"
    assert found["event.payload.at"]["kind"] == "date"
    assert "event.payload.other" not in found


def test_a_field_that_has_been_of_two_kinds_is_of_none():
    for size in (3, "three"):
        make_contact(attributes={"size": size})

    assert fields()["contact.attributes.size"]["kind"] == ""


def test_values_are_suggested_if_more_than_one_has_them_the_most_common_first():
    for plan in ["pro", "free", "free", "free", "pro", "secret"]:
        make_contact(attributes={"plan": plan})

    assert fields()["contact.attributes.plan"]["values"] == ["free", "pro"]
    assert fields(with_values=False)["contact.attributes.plan"]["values"] == []


def test_personal_data_and_addresses_are_never_suggested():
    event_type = make_event_type(pii_paths=["customer"])
    for _ in range(2):
        make_event(
            event_type, payload={"customer": {"phone": "123"}, "contact": "ana@example.com", "customers": "many"}
        )

    found = fields(event_type)

    assert found["event.payload.customer.phone"]["values"] == []
    assert found["event.payload.contact"]["values"] == []
    assert found["event.payload.customers"]["values"] == ["many"]


def test_every_operator_is_offered_with_what_it_takes():
    offered = offer([])["operators"]

    assert set(offered) == set(OPERATORS)
    assert offered["within_last"] == {
        "words": "is within the last",
        "kinds": ("date",),
        "takes": "duration",
        "timeless": False,
    }


def test_segments_are_offered_by_name_with_their_keys():
    for key, name in (("lapsed", "Lapsed"), ("vip", "Big spenders")):
        make_segment({}, key=key, name=name)

    assert offer([])["segments"] == [
        {"key": "vip", "name": "Big spenders"},
        {"key": "lapsed", "name": "Lapsed"},
    ]


def test_the_number_of_statements_depends_on_neither_contacts_nor_events():
    event_type = make_event_type()

    with CaptureQueriesContext(connection) as none:
        fields(event_type)
    for n in range(20):
        make_event(event_type, payload={f"field-{n}": n})
    with CaptureQueriesContext(connection) as twenty:
        fields(event_type)

    assert len(none) == len(twenty) == 2


def test_a_field_is_offered_however_many_events_of_other_types_have_come_since(monkeypatch):
    monkeypatch.setattr(seen, "EVENTS", 2)
    event_type = make_event_type()
    make_event(event_type, payload={"gift": True})
    for _ in range(5):
        make_event(payload={"other": 1})

    assert fields(event_type)["event.payload.gift"]["kind"] == "boolean"
