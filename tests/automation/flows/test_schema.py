"""Which paths a rule or a template may name."""

import pytest

from automation.events.models import EventType
from automation.flows.schema import AtHand, knows_path, lack, unknown_fields
from automation.segments.models import Segment
from tests.factories import make_event_type, make_template

ORDER = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}},
        "extra": {"type": "object"},
        "items": {"type": "array"},
        "any": True,
    },
}


def knows(path, schema=ORDER):
    return knows_path(EventType(name="OrderCompleted", schema=schema), path)


@pytest.mark.parametrize(
    "path",
    [
        "contact.external_id",
        "contact.email",
        "contact.time_zone",
        "contact.language",
        "contact.region",
        "contact.attributes.plan",
        "contact.attributes.plan.name",
        "event.id",
        "event.occurred_at",
        "event.metadata.source",
        "event.payload.total",
        "event.payload.address.city",
        "event.payload.extra.whatever.it.is",
        "event.payload.any.thing",
    ],
)
def test_a_path_that_can_have_a_value_is_known(path):
    assert knows(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "contact",
        "contact.",
        "contact.id",
        "contact.email.domain",
        "contact.attributes",
        "contact.attributes.",
        "event",
        "event.",
        "event.total",
        "event.payload",
        "event.payload.",
        "event.payload.totl",
        "event.payload.address.town",
        "event.decisions",
        "enrollment.id",
    ],
)
def test_a_path_that_never_has_one_is_not(path):
    assert not knows(path)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "object"},
        {"$ref": "#/$defs/x", "properties": {"a": {}}},
        {"patternProperties": {"^x": {}}, "properties": {"a": {}}},
        {"allOf": [{}], "properties": {"a": {}}},
        {"if": {}, "then": {"properties": {"x": {}}}, "properties": {"a": {}}},
        {"additionalProperties": True, "properties": {"a": {}}},
        {"additionalProperties": {"type": "string"}, "properties": {"a": {}}},
    ],
)
def test_what_a_schema_leaves_open_is_known(schema):
    assert knows("event.payload.x", schema)


def test_a_schema_that_names_its_properties_is_taken_at_its_word():
    """By JSON Schema others may come, too. But whoever asks for one has most likely made a typing error."""
    assert not knows("event.payload.x", {"properties": {"a": {}}})
    assert not knows("event.payload.x", {"properties": {"a": {}}, "additionalProperties": False})


def test_each_field_of_a_rule_that_is_unknown_is_named():
    rule = {
        "any": [
            {"field": "event.payload.totl", "op": "gte", "value": 50},
            {"field": "event.payload.total", "op": "gte", "value": 50},
            {"none": [{"field": "contact.age", "op": "exists", "value": True}]},
        ]
    }

    assert unknown_fields(rule, AtHand(EventType(name="OrderCompleted", schema=ORDER))) == [
        "The rule asks for contact.age, which “OrderCompleted” does not have.",
        "The rule asks for event.payload.totl, which “OrderCompleted” does not have.",
    ]
    assert unknown_fields({}, AtHand(EventType(schema=ORDER))) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("node", "faults"),
    [
        ({"did": "OrderCompleted", "where": {"field": "event.payload.total", "op": "gt", "value": 5}}, []),
        (
            {"did": "OrderCompleted", "where": {"field": "event.payload.totl", "op": "gt", "value": 5}},
            ["The rule asks for event.payload.totl, which “OrderCompleted” does not have."],
        ),
        ({"did": "OrderCompletd"}, ["The rule asks how often “OrderCompletd” happened, which is no event type."]),
        ({"mail": "opened", "template": "welcome"}, []),
        ({"mail": "opened"}, []),
        ({"segment": "vip"}, []),
        ({"segment": "vips"}, ["The rule asks for the segment “vips”, which does not exist."]),
        ({"mail": "sent", "template": "welcom"}, ["The rule asks for the mail “welcom”, which is no template."]),
    ],
)
def test_what_a_rule_asks_of_the_past_must_be_there(node, faults):
    event_type = make_event_type(name="OrderCompleted", schema=ORDER)
    make_template(key="welcome")
    Segment.objects.create(key="vip", name="VIP")

    assert unknown_fields({"any": [node]}, AtHand(event_type)) == faults


PAID, SHIPPED = EventType(name="Paid", schema=ORDER), EventType(name="Shipped", schema={"properties": {"parcel": {}}})
MAY_BE = "but it may be that no event was waited for, or that none came in time"


@pytest.mark.parametrize(
    ("awaited", "path", "told"),
    [
        ([PAID], "awaited.payload.total", ""),
        ([PAID], "awaited.occurred_at", ""),
        ([PAID], "awaited.payload.parcel", "which “Paid” does not have"),
        ([PAID, SHIPPED], "awaited.payload.total", "which “Shipped” does not have"),
        ([PAID, SHIPPED], "awaited.id", ""),
        ([], "awaited.payload.total", MAY_BE),
        ([], "awaited.id", MAY_BE),
        ([PAID], "event.payload.total", "which “Happened” does not have"),
        ([PAID], "awaited", "which “Paid” does not have"),
    ],
)
def test_of_what_was_awaited_every_event_that_it_may_have_been_must_know_the_path(awaited, path, told):
    happened = EventType(name="Happened", schema={"properties": {"kind": {}}})

    assert lack(AtHand(happened, awaited), path) == told
