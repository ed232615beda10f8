"""Rules in plain English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.rules import OPERATORS, sentence
from automation.core.rules.sentence import phrase
from tests.automation.core.rules.strategies import comparisons, trees

PLAN = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
TOTAL = {"field": "event.payload.total", "op": "gte", "value": 50}
EU = {"field": "contact.region", "op": "in", "value": ["EU", "UK"]}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "Everybody."),
        (PLAN, "The contact's plan is “pro”."),
        ({"all": [PLAN, TOTAL]}, "The contact's plan is “pro” and the event's total is at least 50."),
        (
            {"all": [TOTAL, {"any": [PLAN, {**EU, "op": "eq", "value": "EU"}]}]},
            "The event's total is at least 50 and (the contact's plan is “pro” or the contact's region is “EU”).",
        ),
        ({"none": [EU]}, "It is not so that the contact's region is one of “EU”, “UK”."),
        ({"none": [PLAN, TOTAL]}, "Neither the contact's plan is “pro” nor the event's total is at least 50."),
        ({"any": [{"all": [PLAN]}]}, "The contact's plan is “pro”."),
        ({**TOTAL, "field": "awaited.payload.total"}, "The awaited event's total is at least 50."),
    ],
)
def test_a_rule_is_one_sentence(rule, said):
    assert sentence(rule) == said


@pytest.mark.parametrize(
    ("op", "value", "said"),
    [
        ("in", ["EU", 7], "contact.x is one of “EU”, 7"),
        ("exists", True, "contact.x is known"),
        ("exists", False, "contact.x is not known"),
        ("ne", True, "contact.x is not true"),
        ("between", [1, 5], "contact.x is between 1 and 5"),
        ("within_last", {"weeks": 1, "days": 3}, "contact.x is within the last 1 week 3 days"),
        ("before", "2026-03-01", "contact.x is before “2026-03-01”"),
    ],
)
def test_a_comparison_is_a_phrase(op, value, said):
    assert phrase({"field": "contact.x", "op": op, "value": value}) == said


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"did": "Ordered"}, "the contact did “Ordered” at least once"),
        ({"did": "Ordered", "at_most": 0}, "the contact never did “Ordered”"),
        ({"did": "Ordered", "at_most": 2}, "the contact did “Ordered” at most 2 times"),
        ({"did": "Ordered", "at_least": 2, "at_most": 2}, "the contact did “Ordered” exactly 2 times"),
        ({"did": "Ordered", "at_least": 2, "at_most": 3}, "the contact did “Ordered” 2 to 3 times"),
        (
            {"did": "Ordered", "at_least": 2, "within": {"days": 30}, "where": TOTAL},
            "the contact did “Ordered” at least 2 times within the last 30 days where the event's total is at least 50",
        ),
        ({"mail": "sent", "at_most": 0}, "the contact was never sent a mail"),
        ({"mail": "sent", "template": "welcome"}, "the contact was sent the mail “welcome” at least once"),
        (
            {"mail": "clicked", "at_most": 0, "since": "2026-01-01"},
            "the contact never clicked in a mail since 2026-01-01",
        ),
        ({"segment": "vip"}, "the contact is in the segment “vip”"),
    ],
)
def test_a_question_about_history_is_a_phrase(node, said):
    assert phrase(node) == said
    assert sentence({"none": [node]}) == f"It is not so that {said}."


@given(rule=trees(comparisons(st.just("contact.x"))))
def test_there_are_words_for_every_rule(rule):
    assert sentence(rule).endswith(".")


def test_no_two_operators_read_alike():
    assert len({operator.words for operator in OPERATORS.values()}) == len(OPERATORS)
