"""What a rule needs of an event: never more than it does."""

from itertools import count
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.core import rules
from automation.enrollments.listening import Listeners
from automation.enrollments.necessary import necessary
from automation.flows.models import FlowVersion
from automation.models import Event
from tests.automation.core.rules.strategies import AT, comparisons, kept, trees

_numbers = count(1)  # Of versions that are in no database.
PATHS = ["event.payload.x", "event.payload.x.y", "event.metadata.x", "contact.region"]


def version_with(rule: dict[str, Any], number: int = 1, **fields: Any) -> FlowVersion:
    stored = {"entry_rule": rule, "re_entry": "always", "re_entry_path": "", "max_event_age_s": None}
    rest = {"uncertain_policy": "leave", "start": "a", "steps": {}}
    return FlowVersion(pk=-next(_numbers), flow_id=number, number=number, definition={**stored, **rest}, **fields)


def needs(rule: dict[str, Any]) -> Any:
    return necessary(version_with(rule), also_by_rule=True)


def eq(value: object, field: str = "event.payload.x") -> dict[str, Any]:
    return {"field": field, "op": "eq", "value": value}


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (eq("books"), ["books"]),
        ({"field": "event.payload.x", "op": "in", "value": ["a", "b", "a"]}, ["a", "b"]),
        ({"all": [{"field": "event.payload.y", "op": "gt", "value": 5}, {"all": [eq(5)]}]}, [5]),
        (eq("x", "event.metadata.x"), ["x"]),
        (eq(0.1), None),  # Two floats that differ may be one number to a rule.
        (eq(10**30), None),
        (eq("EU", "contact.region"), None),  # It may change.
        (eq("x", "event.id"), None),
        ({"any": [eq("a"), eq("b")]}, None),
        ({"none": [eq("a")]}, None),
        ({"did": "Bought", "at_least": 1}, None),
        ({}, None),
    ],
)
def test_it_is_a_comparison_that_the_whole_rule_hangs_on(rule, values):
    needed = needs(rule)

    assert (needed and needed.values) == values


@given(rule=trees(comparisons(st.sampled_from(PATHS), ["eq", "in", "gt"])), x=kept, also=st.booleans())
@example(eq(1), 1.0, False)
@example(eq(True), True, False)
@example(eq(2**53), float(2**53), False)
def test_nobody_is_passed_over_whom_the_rule_would_let_in(rule, x, also):
    event = Event(payload={"x": x}, metadata={"x": x})
    facts = {"contact": {"region": "EU"}, "event": {"payload": event.payload, "metadata": event.metadata}}
    listeners = Listeners([version_with(rule, n) for n in range(9)])

    heard = listeners.hear(event)

    if rules.evaluate(rule, facts, at=AT)["result"]:
        assert len(heard.versions) == 9
        assert heard.passed_over is None
    else:
        assert (heard.passed_over is None) == (len(heard.versions) == 9)


def test_the_flow_of_a_segment_hears_of_no_other_even_among_few():
    ours, other = (version_with({}, n, trigger_kind="segment", trigger_key=key) for n, key in ((1, "vip"), (2, "new")))
    listeners = Listeners([ours, other])

    heard = listeners.hear(Event(payload={"segment": "vip"}))

    assert list(heard.versions) == [ours]
    assert heard.passed_over == listeners.key
