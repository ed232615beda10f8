"""The JSON Schema of rules says what `check` says."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.rules import OPERATORS, faults_of, schema
from tests.automation.core.rules.strategies import comparisons, nearly_rules, questions, trees

FILE = Path(__file__).parents[4] / "docs" / "rules.schema.json"
validator = jsonschema_rs.validator_for(schema())


def test_the_file_is_the_schema():
    assert json.loads(FILE.read_text()) == schema(), "Write it anew: see the end of docs/rules.md."


@given(rule=trees(comparisons(st.sampled_from(["contact.attributes.x", "event.payload.x"])) | questions))
def test_every_rule_fits_the_schema(rule):
    assert faults_of(rule) == []
    assert validator.is_valid(rule)


@given(rule=nearly_rules)
def test_what_does_not_fit_the_schema_is_no_rule(rule):
    if not validator.is_valid(rule):
        assert faults_of(rule) != []


@pytest.mark.parametrize(
    "rule",
    [
        {"all": []},
        {"all": [{}], "any": [{}]},
        {"field": "contact.x", "op": "eq"},
        {"field": "x", "op": "eq", "value": 1},
        {"field": "contact.x", "op": "like", "value": "x"},
        {"field": "contact.x", "op": "within_last", "value": "30d"},
        {"field": "contact.x", "op": "before", "value": "tomorrow"},
        {"did": "Ordered", "where": {"did": "Ordered"}},
        {"did": "Ordered", "where": {"field": "contact.x", "op": "eq", "value": 1}},
        {"did": "Ordered", "where": {"field": "event.x", "op": "within_last", "value": {"days": 1}}},
        {"mail": "bounced"},
        {"segment": "vip", "at_least": 1},
        [],
    ],
)
def test_most_faults_are_known_to_the_schema(rule):
    assert faults_of(rule)
    assert not validator.is_valid(rule)


def test_each_operator_is_in_the_schema_with_the_value_that_it_takes():
    said = json.dumps(schema()["$defs"]["rule"])

    assert all(f'"{name}"' in said for name in OPERATORS)
