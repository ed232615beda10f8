"""Questions about history: counted by hand, answered for many contacts, and asked in SQL, they come to the same."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.contacts.models import Contact
from automation.core.rules import check, condition, evaluate, history, holds, next_change, reads
from automation.core.rules.answer import answer
from automation.events.models import Event, EventType
from automation.segments.models import Segment, SegmentMember
from tests.automation.core.rules.strategies import AT, comparisons, deeds, kept, trees
from tests.factories import make_contact, make_event, make_message, make_template

pytestmark = pytest.mark.django_db

AGES = st.sampled_from([timedelta(hours=hours) for hours in (-1, 0, 1, 23, 24, 25, 48, 240)]) | st.timedeltas(
    timedelta(0), timedelta(days=20)
)
events = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["Ordered", "Visited"]),
    AGES,
    st.fixed_dictionaries({}, optional={"x": kept}),
    st.fixed_dictionaries({}, optional={"x": kept}),
)


def stored(told):
    Event.objects.all().delete()
    Contact.objects.all().delete()
    types = {name: EventType.objects.get_or_create(name=name)[0] for name in ("Ordered", "Visited")}
    people = [make_contact() for _ in range(4)]
    for person, name, age, payload, metadata in told:
        make_event(types[name], people[person], occurred_at=AT - age, payload=payload, metadata=metadata)
    return people


def counted(node, person, at=AT):
    """By hand, the slow way."""
    since = datetime.fromisoformat(node.get("since", "1900-01-01"))
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return sum(
        event.occurred_at >= since
        and ("within" not in node or event.occurred_at > at - timedelta(**node["within"]))
        and holds(node.get("where", {}), {"event": event.facts()}, at=at)
        for event in Event.objects.filter(contact=person, event_type__name=node["did"])
    )


def facts_of(person, rule, at=AT):
    answers = answer([(person.pk, question) for question in history(rule)], at=at)
    return {"contact": person.facts(), "event": {}, "history": {key: one for (_, key), one in answers.items()}}


def by_sql(rule, **how):
    return set(Contact.objects.filter(condition(rule, at=AT, **how)).values_list("pk", flat=True))


@settings(max_examples=75)
@given(node=deeds, told=st.lists(events, max_size=10))
def test_what_somebody_did_is_counted_alike_by_hand_and_by_answer(node, told):
    check(node)
    people = stored(told)

    for person in people:
        trace = evaluate(node, facts_of(person, node), at=AT)

        assert trace["seen"] == counted(node, person)
        assert trace["result"] is (
            node.get("at_least", "at_most" not in node) <= trace["seen"] <= node.get("at_most", 99)
        )


@pytest.mark.parametrize("fraction", [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=500)])
@pytest.mark.parametrize("op", ["eq", "lte", "starts_with", "ends_with", "after", "contains"])
def test_the_facts_of_an_event_are_the_same_in_sql(op, fraction):
    people = stored([(0, "Ordered", fraction, {}, {})])
    event = Event.objects.get()
    for name, value in event.facts().items():
        if isinstance(value, str):
            text = value if op != "after" else "2026-02-28T23:00Z"
            node = {"did": "Ordered", "where": {"field": f"event.{name}", "op": op, "value": text}}
            check(node)
            assert (people[0].pk in by_sql(node)) is bool(counted(node, people[0])), node
    stamp = event.facts()["occurred_at"]
    assert (
        counted({"did": "Ordered", "where": {"field": "event.occurred_at", "op": "eq", "value": stamp}}, people[0]) == 1
    )


@settings(max_examples=75)
@given(rule=trees(deeds | comparisons(st.just("contact.region"))), told=st.lists(events, max_size=10))
def test_sql_and_python_say_the_same_of_everybodys_history(rule, told):
    check(rule)
    people = stored(told)

    expected = {person.pk for person in people if holds(rule, facts_of(person, rule), at=AT)}

    assert by_sql(rule) == by_sql(rule, few=True) == expected


@settings(max_examples=75)
@given(rule=trees(deeds), told=st.lists(events, max_size=8), later=st.timedeltas(timedelta(0), timedelta(days=12)))
def test_until_the_next_change_time_changes_no_answer(rule, told, later):
    person = stored(told)[0]
    facts = facts_of(person, rule)
    changes = next_change(rule, facts, at=AT)
    if changes is not None:
        later = min(later, changes - AT - timedelta(microseconds=1))
    at = AT + later

    assert holds(rule, facts_of(person, rule, at), at=at) is holds(rule, facts, at=AT)


def test_the_same_question_is_asked_once_whatever_it_is_compared_with():
    often = {"did": "Ordered", "at_least": 3, "within": {"days": 30}}
    never = {"within": {"days": 30}, "did": "Ordered", "at_most": 0}
    other = {"did": "Ordered", "within": {"days": 31}}

    assert [question.node["within"]["days"] for question in history({"any": [often, never]}, other)] == [30, 31]


def test_a_question_costs_one_statement_for_however_many_contacts():
    people = stored([(number, "Ordered", timedelta(0), {}, {}) for number in range(4)])
    questions = history({"any": [{"did": "Ordered"}, {"mail": "opened"}]})

    with CaptureQueriesContext(
        connection,
    ) as captured:
        answers = answer([(person.pk, one) for person in people for one in questions], at=AT)

    assert len(captured) == len(questions) == 2
    assert [answers[person.pk, questions[0].key].times for person in people] == [1, 1, 1, 1]
    with CaptureQueriesContext(connection) as captured:
        assert answer([], at=AT) == {}
    assert len(captured) == 0


def test_without_its_answer_a_question_is_an_error_and_not_a_no():
    with pytest.raises(KeyError):
        evaluate({"did": "Ordered", "at_most": 0}, {"history": {}}, at=AT)


@pytest.mark.parametrize(
    ("node", "count"),
    [
        ({"mail": "sent"}, 2),
        ({"mail": "sent", "template": "welcome"}, 1),
        ({"mail": "sent", "template": "unknown"}, 0),
        ({"mail": "sent", "within": {"days": 2}}, 1),
        ({"mail": "opened"}, 1),
        ({"mail": "opened", "since": "2026-03-01"}, 0),
        ({"mail": "clicked", "template": "welcome"}, 0),
    ],
)
def test_mail_is_counted_by_what_became_of_it(node, count):
    person = make_contact()
    welcome = make_template(key="welcome").live_version
    make_message(
        contact=person,
        template_version=welcome,
        sent_at=AT - timedelta(days=3),
        opened_at=AT - timedelta(days=3),
        human_opened_at=AT - timedelta(days=2),
    )
    make_message(contact=person, sent_at=AT - timedelta(days=1))
    make_message(contact=person, opened_at=AT, clicked_at=AT)  # By machines alone.
    make_message(sent_at=AT)

    check(node)
    facts = facts_of(person, node)

    assert evaluate(node, facts, at=AT)["seen"] == count
    assert (person.pk in by_sql(node)) is (person.pk in by_sql(node, few=True)) is (count > 0)


def test_who_is_in_a_segment_is_asked_of_its_members():
    inside, outside = make_contact(), make_contact()
    vip, other = (Segment.objects.create(key=key, name=key) for key in ("vip", "other"))
    SegmentMember.objects.create(segment=vip, contact=inside, since=AT)
    SegmentMember.objects.create(segment=other, contact=outside, since=AT)
    node = {"segment": "vip"}

    seen = [evaluate(node, facts_of(person, node), at=AT) for person in (inside, outside)]

    assert [(trace["seen"], trace["result"]) for trace in seen] == [(True, True), (False, False)]
    assert by_sql(node) == by_sql(node, few=True) == {inside.pk}
    assert by_sql({"none": [node]}) == {outside.pk}


def test_what_a_rule_reads_of_history_is_said():
    rule = {"all": [{"did": "Ordered"}, {"none": [{"mail": "opened", "within": {"days": 1}}, {"segment": "vip"}]}]}

    assert reads(rule).event_types == {"Ordered"}
    assert reads(rule).mail == {"opened"}
    assert reads(rule).segments == {"vip"}
    assert reads(rule).clock is True
    assert reads({"did": "Ordered", "since": "2026-01-01"}).clock is False
