"""The rule language: what it says of facts, and what it says to those who write it wrong."""

import math
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.rules import GROUPS, MAX_DEPTH, OPERATORS, RuleInvalid, check, evaluate, fields

MISSING = object()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
scalars = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
values_of = {
    **dict.fromkeys(("eq", "ne", "contains"), scalars),
    **dict.fromkeys(
        ("lt", "lte", "gt", "gte"), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    ),
    **dict.fromkeys(("starts_with", "ends_with"), st.text(min_size=1, max_size=3)),
    "in": st.lists(scalars, min_size=1, max_size=3),
    "exists": st.booleans(),
}
paths = st.sampled_from(["contact.x", "contact.attributes.x", "event.payload.x", "event.payload.x.y", "event."])
comparisons = st.sampled_from(sorted(OPERATORS)).flatmap(
    lambda op: st.fixed_dictionaries({"field": paths, "op": st.just(op), "value": values_of[op]})
)
rules = st.recursive(
    st.just({}) | comparisons,
    lambda inner: st.builds(
        lambda group, children: {group: children}, st.sampled_from(sorted(GROUPS)), st.lists(inner, min_size=1)
    ),
    max_leaves=10,
)
# As good as a rule, but for something: what people write, and what a form may send.
nearly_rules = st.recursive(
    json_values
    | st.fixed_dictionaries(
        {},
        optional={
            "field": paths | json_values,
            "op": st.sampled_from(sorted(OPERATORS)) | json_values,
            "value": json_values,
        },
    ),
    lambda inner: st.dictionaries(st.sampled_from([*GROUPS, "field", "x"]), st.lists(inner, max_size=3) | inner),
    max_leaves=10,
)


def compare(op, seen, value):
    facts = {"contact": {} if seen is MISSING else {"x": seen}}
    rule = {"field": "contact.x", "op": op, "value": value}
    check(rule)
    return evaluate(rule, facts)["result"]


def fault_of(rule):
    with pytest.raises(RuleInvalid) as caught:
        check(rule)
    return caught.value.pointer, caught.value.message


# --- What comparisons say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "value", "equal"),
    [
        ("pro", "pro", True),
        ("pro", "Pro", False),
        ("", "", True),
        ("é", "e\u0301", False),  # By code point: nothing is normalised.
        (1, 1, True),
        (1, 1.0, True),
        (10**400, 10**400, True),
        (10**400, 1.5, False),
        (0.1 + 0.2, 0.3, False),
        (True, True, True),
        (False, True, False),
        (True, 1, False),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        ("true", True, False),
        (None, "", False),
        (None, False, False),
        (MISSING, "", False),
        ([], "", False),
        ({"a": 1}, "a", False),
        (math.nan, 1, False),
    ],
)
def test_eq_compares_values_of_one_kind_and_ne_is_its_opposite(seen, value, equal):
    assert compare("eq", seen, value) is equal
    assert compare("ne", seen, value) is not equal


@pytest.mark.parametrize(
    ("seen", "value", "order"),
    [
        (1, 2, -1),
        (2, 2, 0),
        (2.5, 2, 1),
        (10**400, 1.5, 1),
        (-math.inf, 0, -1),
        ("a", "b", -1),
        ("Z", "a", -1),  # By code point: capitals come first.
        ("10", "9", -1),
        ("2026-01-31", "2026-02-01", -1),  # So dates and times in ISO 8601 compare as one would hope.
        ("", "a", -1),
    ],
)
def test_order_is_that_of_numbers_or_of_texts(seen, value, order):
    assert compare("lt", seen, value) is (order < 0)
    assert compare("lte", seen, value) is (order <= 0)
    assert compare("gt", seen, value) is (order > 0)
    assert compare("gte", seen, value) is (order >= 0)


@pytest.mark.parametrize("op", ["lt", "lte", "gt", "gte"])
@pytest.mark.parametrize(
    ("seen", "value"),
    [
        *product([None, MISSING, True, False, [], [1], {}, math.nan], [0, "a"]),
        ("5", 1),
        (5, "1"),
    ],
)
def test_what_has_no_order_is_neither_less_nor_more(op, seen, value):
    assert compare(op, seen, value) is False


@pytest.mark.parametrize(
    ("seen", "value", "result"),
    [
        ("US", ["US", "CA"], True),
        ("DE", ["US", "CA"], False),
        (1, [True], False),
        (1, [1.0], True),
        (True, [True, 2], True),
        (None, ["", 0, False], False),
        (MISSING, ["US"], False),
        (["US"], ["US"], False),
    ],
)
def test_in_is_eq_with_any_of_a_list(seen, value, result):
    assert compare("in", seen, value) is result


@pytest.mark.parametrize(
    ("seen", "value", "result"),
    [
        ("big red hat", "red", True),
        ("big red hat", "Red", False),
        ("12", 1, False),
        (["a", "b"], "a", True),
        (["ab"], "a", False),
        ([1, "1"], True, False),
        ([1.0], 1, True),
        ([["a"]], "a", False),
        ([], "a", False),
        ({"a": 1}, "a", False),
        (None, "a", False),
        (MISSING, "a", False),
    ],
)
def test_contains_looks_into_texts_and_lists(seen, value, result):
    assert compare("contains", seen, value) is result


@pytest.mark.parametrize(
    ("op", "seen", "result"),
    [
        ("starts_with", "abc", True),
        ("starts_with", "ABC", False),
        ("starts_with", "ba", False),
        ("ends_with", "ca" + "ab", True),
        ("ends_with", "abc", False),
        *product(["starts_with", "ends_with"], ["", None, MISSING, 5, True, ["ab"], {"ab": 1}], [False]),
    ],
)
def test_starts_with_and_ends_with_hold_for_texts_alone(op, seen, result):
    assert compare(op, seen, "ab") is result


@pytest.mark.parametrize("seen", ["", 0, False, [], {}, "x"])
def test_whatever_is_not_null_exists(seen):
    assert compare("exists", seen, value=True) is True
    assert compare("exists", seen, value=False) is False


@pytest.mark.parametrize("seen", [None, MISSING])
def test_null_and_missing_are_one(seen):
    assert compare("exists", seen, value=True) is False
    assert compare("exists", seen, value=False) is True


# --- Groups and traces ------------------------------------------------------------------------------------------------

YES = {"field": "contact.x", "op": "eq", "value": 1}
NO = {"field": "contact.x", "op": "eq", "value": 2}
FACTS = {"contact": {"x": 1}, "event": {"payload": {"items": [{"price": 5}]}}}


@pytest.mark.parametrize(
    ("rule", "result"),
    [
        ({}, True),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, NO]}, False),
        ({"any": [NO, YES]}, True),
        ({"any": [NO, NO]}, False),
        ({"none": [NO, NO]}, True),
        ({"none": [NO, YES]}, False),
        ({"all": [{}, {"none": [{"any": [NO, {"none": [YES]}]}]}]}, True),
    ],
)
def test_groups_combine_what_is_below_them(rule, result):
    check(rule)

    assert evaluate(rule, FACTS)["result"] is result


def test_the_trace_is_the_rule_with_what_was_seen_and_what_it_came_to():
    rule = {"any": [NO, {"none": [{"field": "event.payload.total", "op": "gte", "value": 50}]}]}

    assert evaluate(rule, FACTS) == {
        "any": [
            {**NO, "seen": 1, "result": False},
            {
                "none": [{"field": "event.payload.total", "op": "gte", "value": 50, "seen": None, "result": False}],
                "result": True,
            },
        ],
        "result": True,
    }


def test_lists_have_no_names():
    rule = {"field": "event.payload.items.price", "op": "exists", "value": True}

    assert evaluate(rule, FACTS)["seen"] is None


def test_fields_are_all_that_a_rule_reads():
    rule = {"all": [YES, {}, {"any": [NO, {"none": [{"field": "event.id", "op": "exists", "value": True}]}]}]}

    assert fields(rule) == {"contact.x", "event.id"}
    assert fields({}) == set()


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "pointer", "message"),
    [
        ([], "", "Expected an object."),
        (None, "", "Expected an object."),
        ("x", "", "Expected an object."),
        ({"all": [], "x": 1}, "", "“all” must stand alone, but there is also: x."),
        ({"all": []}, "/all", "Expected a list of at least one rule."),
        ({"any": {}}, "/any", "Expected a list of at least one rule."),
        ({"all": [YES, 5]}, "/all/1", "Expected an object."),
        (
            {"all": [{"none": [YES, {"any": [NO, {"field": 1}]}]}]},
            "/all/0/none/1/any/1/field",
            "Expected a field such as",
        ),
        ({**YES, "then": 1}, "", "Unknown: then. Expected field, op, value, or a group."),
        ({"op": "eq", "value": 1}, "/field", "Expected a field such as"),
        ({**YES, "field": "payload.x"}, "/field", "Expected a field such as"),
        ({"field": "contact.x"}, "/op", "Expected one of eq, ne,"),
        ({**YES, "op": ["eq"]}, "/op", "Expected one of"),
        ({**YES, "op": "=="}, "/op", "Expected one of"),
        ({"field": "contact.x", "op": "eq"}, "/value", "“eq” expects a text, a number, true or false."),
        ({**YES, "value": None}, "/value", "“eq” expects"),
        ({**YES, "value": [1]}, "/value", "“eq” expects"),
        ({**YES, "value": math.nan}, "/value", "“eq” expects"),
        ({**YES, "op": "lt", "value": True}, "/value", "“lt” expects a number or a text."),
        ({**YES, "op": "gt", "value": math.inf}, "/value", "“gt” expects"),
        ({**YES, "op": "in", "value": []}, "/value", "“in” expects a list of texts, numbers, true or false."),
        ({**YES, "op": "in", "value": "US"}, "/value", "“in” expects"),
        ({**YES, "op": "in", "value": [None]}, "/value", "“in” expects"),
        ({**YES, "op": "in", "value": [-math.inf]}, "/value", "“in” expects"),
        ({**YES, "op": "starts_with", "value": ""}, "/value", "“starts_with” expects a text."),
        ({**YES, "op": "contains", "value": {}}, "/value", "“contains” expects"),
        ({**YES, "op": "exists", "value": 1}, "/value", "“exists” expects true or false."),
        ({"field": "contact.x", "op": "exists"}, "/value", "“exists” expects"),
    ],
)
def test_a_fault_is_told_in_words_and_where(rule, pointer, message):
    where, words = fault_of(rule)

    assert where == pointer
    assert words.startswith(message)


def nested(levels):
    rule = YES
    for _ in range(levels):
        rule = {"all": [rule]}
    return rule


def test_nesting_has_a_bottom():
    check(nested(MAX_DEPTH))

    assert fault_of(nested(MAX_DEPTH + 1))[1] == "A rule may be nested 20 levels deep at most."
    assert fault_of(nested(900))[1] == "A rule may be nested 20 levels deep at most."


# --- Whatever comes ---------------------------------------------------------------------------------------------------


@given(rule=nearly_rules)
def test_checking_never_fails_but_with_a_fault(rule):
    with suppress(RuleInvalid):
        check(rule)
        assert evaluate(rule, {})["result"] in (True, False)


@given(rule=rules, facts=st.fixed_dictionaries({}, optional={"contact": json_values, "event": json_values}))
def test_a_checked_rule_never_fails_whatever_the_facts(rule, facts):
    check(rule)

    trace = evaluate(rule, facts)

    assert trace["result"] in (True, False)
    assert evaluate({"none": [rule]}, facts)["result"] is not trace["result"]


@given(rule=rules, value=json_values)
def test_a_checked_rule_never_fails_on_values_it_reaches(rule, value):
    facts = {"contact": {"x": value, "attributes": {"x": value}}, "event": {"payload": {"x": value}}}

    assert evaluate(rule, facts)["result"] in (True, False)
