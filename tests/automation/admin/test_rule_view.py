import re

from automation.admin.rule_view import one_line, rule_view
from automation.core import rules
from tests.automation.core.rules.strategies import AT

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
EU = {"field": "contact.region", "op": "eq", "value": "EU"}


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_rule_reads_as_nested_sentences():
    rule = {"any": [PRO, {"none": [EU]}]}

    assert text(rule_view(rule)) == (
        "at least one of these contact.attributes.plan is “pro” none of these contact.region is “EU”"
    )


def test_a_trace_says_what_was_seen_and_what_came_of_it():
    trace = rules.evaluate({"all": [PRO, EU]}, {"contact": {"attributes": {"plan": "pro"}}}, at=AT)

    assert text(rule_view(trace)) == (
        "no all of these yes contact.attributes.plan is “pro” (was “pro”) no contact.region is “EU” (was nothing)"
    )


def test_what_is_known_of_the_past_is_said_in_words_too():
    rule = {"none": [{"did": "Refunded"}]}
    history = {question.key: rules.Answer(2) for question in rules.history(rule)}

    trace = rules.evaluate(rule, {"history": history}, at=AT)

    assert text(rule_view(trace)) == "no none of these yes the contact did “Refunded” at least once (was 2)"


def test_no_rule_is_everybody_also_as_a_trace():
    assert rule_view({}) == rule_view(rules.evaluate({}, {}, at=AT)) == "everybody"


def test_what_people_wrote_is_escaped():
    assert "<script>" not in rule_view({**PRO, "value": "<script>"})


def test_one_line_says_a_single_condition_and_counts_more():
    assert one_line({"all": [PRO]}) == "contact.attributes.plan is “pro”"
    assert one_line({"any": [PRO, EU]}) == "at least one of 2 conditions"
    assert one_line({"none": [EU]}) == "none of 1 conditions"
    assert one_line({}) == "…"
