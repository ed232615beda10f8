"""The rule language: what it says of facts, and what it says to those who write it wrong."""

import math
from contextlib import suppress
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.faults import MAX_FAULTS
from automation.core.rules import MAX_DEPTH, Answer, RuleInvalid, check, evaluate, faults_of, history, holds
from tests.automation.core.rules.strategies import AT, comparisons, held, nearly_rules, trees

MISSING = object()

rules = trees(
    comparisons(st.sampled_from(["contact.x", "contact.attributes.x", "event.payload.x", "event.payload.x.y"]))
)


def compare(op, seen, value):
    facts = {"contact": {} if seen is MISSING else {"x": seen}}
    rule = {"field": "contact.x", "op": op, "value": value}
    check(rule)
    return evaluate(rule, facts, at=AT)["result"]


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


@pytest.mark.parametrize(
    ("seen", "ends", "result"),
    [
        (1, [1, 2], True),
        (2, [1, 2], True),
        (2.1, [1, 2], False),
        ("b", ["a", "c"], True),
        ("b", [1, 2], False),
        (None, [1, 2], False),
        (math.nan, [1, 2], False),
    ],
)
def test_between_has_both_its_ends(seen, ends, result):
    assert compare("between", seen, ends) is result


@pytest.mark.parametrize(
    ("seen", "result"),
    [
        ("ana@example.com", True),
        ("ana@EXAMPLE.com", True),
        ("ana@mail.example.com", True),
        ("ana@notexample.com", False),
        ("ana@example.com.evil.test", False),
        ("@example.com@other.test", False),
        ("example.com", False),
        (None, False),
        (["ana@example.com"], False),
    ],
)
def test_an_address_is_at_its_domain_and_at_those_above(seen, result):
    assert compare("in_domain", seen, "Example.com") is result


@pytest.mark.parametrize(
    ("seen", "before"),
    [
        ("2026-02-28", True),
        ("2026-03-01", False),  # A date is its midnight, in UTC.
        ("2026-03-01T00:30+01:00", True),
        ("2026-02-28T23:30-01:00", False),
        ("2026-02-28 23:59:59.999999", True),
        *product(["2026-02-30", "yesterday", "2026-02", "20260228", "", 1772323200, None, MISSING, True], [None]),
    ],
)
def test_times_compare_as_moments_and_what_is_none_is_neither_before_nor_after(seen, before):
    assert compare("before", seen, "2026-03-01") is (before is True)
    assert compare("after", seen, "2026-02-28T23:59:59.999999Z") is (before is False)


@pytest.mark.parametrize(
    ("op", "seen", "result"),
    [
        ("within_last", AT, True),
        ("within_last", AT - timedelta(hours=23), True),
        ("within_last", AT - timedelta(days=1), False),  # Half open: a day that is over is over.
        ("within_last", AT + timedelta(seconds=1), False),
        ("within_next", AT, False),
        ("within_next", AT + timedelta(seconds=1), True),
        ("within_next", AT + timedelta(days=1), True),
        ("within_next", AT + timedelta(days=1, seconds=1), False),
    ],
)
def test_within_counts_from_the_time_of_asking(op, seen, result):
    assert compare(op, seen.isoformat(), {"hours": 24}) is result


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

    assert evaluate(rule, FACTS, at=AT)["result"] is result


def test_the_trace_is_the_rule_with_what_was_seen_and_what_it_came_to():
    rule = {"any": [NO, {"none": [{"field": "event.payload.total", "op": "gte", "value": 50}]}]}

    assert evaluate(rule, FACTS, at=AT) == {
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

    assert evaluate(rule, FACTS, at=AT)["seen"] is None


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
        ({**YES, "value": "a\0"}, "/value", "“eq” expects"),
        ({**YES, "value": "\ud800"}, "/value", "“eq” expects"),
        ({**YES, "value": 10**2000}, "/value", "“eq” expects"),
        ({**YES, "field": "contact.\0"}, "/field", "Expected a field such as"),
        ({**YES, "op": "between", "value": [2, 1]}, "/value", "“between” expects a list of two numbers or two texts"),
        ({**YES, "op": "between", "value": [1, "2"]}, "/value", "“between” expects"),
        ({**YES, "op": "between", "value": [1, 2, 3]}, "/value", "“between” expects"),
        ({**YES, "op": "before", "value": "2026-02-30"}, "/value", "“before” expects a date or time in ISO 8601"),
        ({**YES, "op": "within_last", "value": "30d"}, "/value", "“within_last” expects a duration such as"),
        ({**YES, "op": "within_last", "value": {"days": 0}}, "/value", "“within_last” expects"),
        ({**YES, "op": "within_last", "value": {"days": 4000}}, "/value", "“within_last” expects"),
        ({**YES, "op": "within_last", "value": {"days": 10**400}}, "/value", "“within_last” expects"),
        ({**YES, "op": "within_last", "value": {"years": 1}}, "/value", "“within_last” expects"),
        ({**YES, "op": "in_domain", "value": "@example.com"}, "/value", "“in_domain” expects a domain"),
        ({**YES, "op": "exists", "value": 1}, "/value", "“exists” expects true or false."),
        (
            {"did": "Ordered", "field": "contact.x"},
            "",
            "Unknown: field. Beside “did” may stand at_least, at_most, within",
        ),
        ({"segment": "vip", "within": {"days": 1}}, "", "Unknown: within. Beside “segment” may stand nothing."),
        ({"did": ""}, "/did", "“did” expects a name"),
        ({"mail": "bounced"}, "/mail", "“mail” expects one of sent, opened, clicked."),
        ({"mail": ["sent"]}, "/mail", "“mail” expects"),
        ({"did": "Ordered", "at_least": True}, "/at_least", "“at_least” expects a number from 0 to 10000."),
        ({"did": "Ordered", "at_least": 3, "at_most": 2}, "/at_most", "“at_most” is less than “at_least”."),
        ({"did": "Ordered", "within": {"days": -1}}, "/within", "“within” expects a duration"),
        ({"did": "Ordered", "since": "March"}, "/since", "“since” expects a date or time"),
        ({"did": "Ordered", "where": YES}, "/where/field", "Expected a field such as event.payload.total."),
        (
            {"did": "Ordered", "where": {"any": [{"did": "X"}]}},
            "/where/any/0",
            "Unknown: did. Expected field, op, value",
        ),
        (
            {"did": "Ordered", "where": {"field": "event.x", "op": "within_last", "value": {"days": 1}}},
            "/where/op",
            "Expected one of",
        ),
        ({"field": "contact.x", "op": "exists"}, "/value", "“exists” expects"),
    ],
)
def test_a_fault_is_told_in_words_and_where(rule, pointer, message):
    where, words = fault_of(rule)

    assert where == pointer
    assert words.startswith(message)


def test_all_faults_are_told_together_and_the_first_is_the_error():
    with pytest.raises(RuleInvalid) as caught:
        check({"all": [{"any": []}, 5, {"field": "x", "op": "eq", "value": None}]})

    assert [fault.pointer for fault in caught.value.faults] == ["/all/0/any", "/all/1", "/all/2/field", "/all/2/value"]
    assert str(caught.value) == "/all/0/any: Expected a list of at least one rule."


def test_of_very_many_faults_the_first_tell_enough():
    assert len(faults_of({"all": [5] * 1000})) == MAX_FAULTS


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
        facts = {"history": {question.key: Answer(0) for question in history(rule)}}
        assert evaluate(rule, facts, at=AT)["result"] in (True, False)


@given(rule=rules, facts=st.fixed_dictionaries({}, optional={"contact": held, "event": held}))
def test_a_checked_rule_never_fails_whatever_the_facts(rule, facts):
    check(rule)

    trace = evaluate(rule, facts, at=AT)

    assert trace["result"] in (True, False)
    assert evaluate({"none": [rule]}, facts, at=AT)["result"] is not trace["result"]
    assert holds(rule, facts, at=AT) is trace["result"]


@given(rule=rules, value=held)
def test_a_checked_rule_never_fails_on_values_it_reaches(rule, value):
    facts = {"contact": {"x": value, "attributes": {"x": value}}, "event": {"payload": {"x": value}}}

    assert evaluate(rule, facts, at=AT)["result"] in (True, False)
