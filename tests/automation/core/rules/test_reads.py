"""What a rule's answer depends on, and when time alone changes it."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from automation.core.rules import evaluate, fields, next_change, reads
from tests.automation.core.rules.strategies import AT, comparisons, texts, trees

PLAN = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
TOTAL = {"field": "event.payload.total", "op": "gte", "value": 50}
LATELY = {"field": "contact.attributes.signed_up_at", "op": "within_last", "value": {"days": 7}}
SOON = {"field": "contact.attributes.trial_ends_at", "op": "within_next", "value": {"days": 3}}
DATES = st.sampled_from([(AT + timedelta(hours=hours)).isoformat() for hours in range(-60, 60, 7)]) | texts


def test_a_rule_reads_the_fields_below_all_its_groups():
    rule = {"all": [PLAN, {}, {"any": [LATELY, {"none": [TOTAL]}]}, {**TOTAL, "field": "awaited.id"}]}

    assert reads(rule).contact == {"contact.attributes.plan", "contact.attributes.signed_up_at"}
    assert reads(rule).event == {"event.payload.total", "awaited.id"}
    assert fields(rule) == reads(rule).contact | reads(rule).event
    assert fields({}) == set()


@pytest.mark.parametrize(
    ("rule", "clock"), [(PLAN, False), ({"all": [PLAN, {"none": [LATELY]}]}, True), (SOON, True), ({}, False)]
)
def test_it_is_said_whether_time_alone_may_change_the_answer(rule, clock):
    assert reads(rule).clock is clock


@pytest.mark.parametrize(
    ("rule", "moment", "changes"),
    [
        (LATELY, AT - timedelta(days=2), AT + timedelta(days=5)),
        (LATELY, AT + timedelta(days=1), AT + timedelta(days=1)),  # It begins to be in the past.
        (LATELY, AT - timedelta(days=8), None),
        (SOON, AT + timedelta(days=5), AT + timedelta(days=2)),
        (SOON, AT + timedelta(days=1), AT + timedelta(days=1)),
        (SOON, AT - timedelta(days=1), None),
    ],
)
def test_a_window_opens_and_closes_at_known_times(rule, moment, changes):
    name = rule["field"].removeprefix("contact.attributes.")

    assert next_change(rule, {"contact": {"attributes": {name: moment.isoformat()}}}, at=AT) == changes


@given(
    rule=trees(comparisons(st.sampled_from(["contact.x", "contact.y"]))),
    facts=st.fixed_dictionaries({"x": DATES, "y": DATES}),
    later=st.integers(0, 20_000),
)
def test_until_the_next_change_time_changes_nothing(rule, facts, later):
    facts, at = {"contact": facts}, AT + timedelta(minutes=later)
    changes = next_change(rule, facts, at=AT)
    assume(changes is None or at < changes)

    assert evaluate(rule, facts, at=at)["result"] is evaluate(rule, facts, at=AT)["result"]
