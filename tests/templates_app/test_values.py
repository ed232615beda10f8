from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.values import Missing, collect
from tests.templates_app.factories import make_declared

FACTS: dict[str, Any] = {
    "contact": {"email": "ana@example.com", "attributes": {"name": "Ana", "age": 0, "vip": False, "blank": " "}},
    "event": {"payload": {"total": 9.5, "items": [{"name": "Hat"}], "note": None, "tags": [], "a.b": 1}},
}


def pick(path, **policy):
    result = collect(variables=[make_declared("x", path=path, **policy)], facts=FACTS)
    return result["x"] if isinstance(result, dict) else result


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("contact.email", "ana@example.com"),
        ("contact.attributes.name", "Ana"),
        ("event.payload.total", 9.5),
        ("event.payload.items", [{"name": "Hat"}]),
        ("event.payload", FACTS["event"]["payload"]),
        ("contact.attributes.age", 0),
        ("contact.attributes.vip", False),
        ("event.payload.tags", []),
    ],
)
def test_a_variable_is_found_by_its_path(path, value):
    assert pick(path) == value


@pytest.mark.parametrize(
    "path",
    [
        "contact.attributes.blank",
        "event.payload.note",
        "event.payload.absent",
        "event.payload.total.cents",
        "event.payload.items.0",
        "segment.x",
        "contact.email.lower",
    ],
)
def test_absent_null_and_blank_are_missing(path):
    assert pick(path, missing="skip") == Missing("x", path)
    assert pick(path, missing="refuse") == Missing("x", path)
    assert pick(path, missing="default", default="you") == "you"


def test_a_default_may_be_empty():
    assert pick("event.payload.absent", missing="default", default="") == ""


def test_the_first_missing_variable_is_named():
    variables = [make_declared("a", path="contact.email"), make_declared("b"), make_declared("c")]

    assert collect(variables=variables, facts=FACTS) == Missing("b", "event.payload.b")


@given(
    st.dictionaries(st.text(), st.text() | st.dictionaries(st.text(), st.text())),
    st.lists(st.text(min_size=1), min_size=1, max_size=3),
)
def test_nothing_undeclared_gets_through(facts, path):
    variables = [make_declared("x", path=".".join(path), missing="default", default="")]

    result = collect(variables=variables, facts={"contact": facts})

    assert isinstance(result, dict)
    assert set(result) == {"x"}
    assert collect(variables=[], facts={"contact": facts}) == {}
