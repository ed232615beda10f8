"""JSON Schemas of event types."""

import json

import pytest

from automation.events.validate import SchemaInvalid, check_schema, payload_faults


def faults(schema, payload):
    return {fault.pointer: fault.code for fault in payload_faults(payload, json.dumps(schema))}


@pytest.mark.parametrize(
    "schema", [{}, True, {"type": "object"}, {"$schema": "http://json-schema.org/draft-07/schema#"}]
)
def test_what_json_schema_allows_may_be_a_schema(schema):
    check_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "no such type"},
        {"properties": []},
        {"pattern": "("},
        {"$ref": "#/nowhere"},
        {"$schema": "https://example.com/no-draft"},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_schema_is_refused_with_a_reason(schema):
    with pytest.raises(SchemaInvalid, match=r"."):
        check_schema(schema)


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/schema.json", "file:///etc/passwd"])
def test_a_schema_cannot_make_us_fetch_anything(target):
    with pytest.raises(SchemaInvalid, match="disabled"):
        check_schema({"$ref": target})


def test_every_fault_is_pointed_at_where_it_is():
    schema = {
        "required": ["a/b"],
        "properties": {"items": {"items": {"required": ["sku"], "properties": {"n": {"maximum": 9}}}}},
        "additionalProperties": False,
    }

    assert faults(schema, {"items": [{"sku": 1}, {"n": 10}], "extra": 1}) == {
        "/payload/a~1b": "missing",
        "/payload/items/1/sku": "missing",
        "/payload/items/1/n": "schema_maximum",
        "/payload": "schema_additionalProperties",
    }


def test_formats_are_checked():
    schema = {"properties": {"at": {"format": "date-time"}, "mail": {"format": "email"}, "id": {"format": "uuid"}}}

    assert faults(schema, {"at": "now", "mail": "x", "id": "1"}).keys() == {
        "/payload/at",
        "/payload/mail",
        "/payload/id",
    }


@pytest.mark.parametrize(
    "schema", [{"const": 1}, {"enum": ["x"]}, {"type": "array"}, {"not": {}}, {"pattern": "^x"}, {"format": "email"}]
)
def test_values_are_not_repeated(schema):
    [fault] = payload_faults({"name": "a secret"}, json.dumps({"properties": {"name": schema}}))

    assert "secret" not in fault.message


def test_a_long_list_of_faults_is_cut():
    schema = {"properties": {"items": {"items": {"type": "integer"}}}}

    assert len(faults(schema, {"items": ["x"] * 1_000})) == 20


def test_a_message_that_quotes_a_long_schema_is_cut():
    [fault] = payload_faults({"a": 1}, json.dumps({"properties": {"a": {"pattern": "x" * 10_000, "type": "string"}}}))

    assert len(fault.message) < 600


def test_a_pattern_cannot_be_made_to_run_for_ever():
    schema = {"properties": {"a": {"pattern": r"^(a+)+(?!b)\1?$"}}}

    assert faults(schema, {"a": "a" * 5_000 + "!"}).keys() == {"/payload/a"}


def test_a_broken_schema_faults_the_type_and_not_the_payload():
    assert faults({"type": 5}, {}) == {"/event_type": "schema_invalid"}
