"""The two evaluators give one answer: of contacts in hand, and of contacts in the database."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.contacts.models import Contact
from automation.core.rules import OPERATORS, check, condition, evaluate
from tests.automation.core.rules.strategies import AT, TELLING, VALUES, comparisons, kept, texts, trees
from tests.factories import make_contact

pytestmark = pytest.mark.django_db

PATHS = [
    "contact.attributes",
    "contact.attributes.x",
    "contact.attributes.x.y",
    "contact.attributes.",
    "contact.attributes.0",
]
PATHS += ["contact.attributes.x.0", "contact.attributes.é", "contact.email", "contact.external_id", "contact.region"]
PATHS += ["contact.email.x", "contact.x", "contact.", "event.payload.x", "event.id", "awaited.payload.x"]
short_texts = texts.filter(lambda text: len(text) <= 16)
contacts = st.fixed_dictionaries(
    {
        "email": texts,
        "region": short_texts,
        "attributes": st.dictionaries(st.sampled_from(["x", "0", "é", ""]), kept, max_size=3),
    }
)


def stored(people):
    """These contacts, and none of before."""
    Contact.objects.all().delete()
    Contact.objects.bulk_create(Contact(external_id=str(number), **fields) for number, fields in enumerate(people))
    return list(Contact.objects.all())


def by_evaluate(rule, people):
    facts = ((person.pk, {"contact": person.facts(), "event": {}}) for person in people)
    return {key for key, fact in facts if evaluate(rule, fact, at=AT)["result"]}


def by_sql(rule):
    return set(Contact.objects.filter(condition(rule, at=AT)).values_list("pk", flat=True))


@settings(max_examples=100)
@given(rule=trees(comparisons(st.sampled_from(PATHS))), people=st.lists(contacts, min_size=1, max_size=8))
def test_sql_and_python_say_the_same_of_everybody(rule, people):
    check(rule)
    people = stored(people)

    assert by_sql(rule) == by_evaluate(rule, people)


@pytest.mark.parametrize("op", OPERATORS)
def test_every_telling_value_is_compared_alike_with_every_other(op):
    people = stored([{"attributes": {"x": value}} for value in TELLING] + [{"attributes": {}}])

    for value in VALUES[OPERATORS[op].takes.name]:
        rule = {"field": "contact.attributes.x", "op": op, "value": value}
        check(rule)
        assert by_sql(rule) == by_evaluate(rule, people), rule


@settings(max_examples=100)
@given(comparison=comparisons(st.just("contact.region")), values=st.lists(short_texts, min_size=1, max_size=12))
@example({"field": "contact.region", "op": "in", "value": [False, "EU"]}, ["EU", "false"])
@example({"field": "contact.region", "op": "contains", "value": 1}, ["1"])
@example({"field": "contact.region", "op": "gt", "value": 1}, ["2"])
@example({"field": "contact.region", "op": "before", "value": "2026-03-01"}, ["2026-02-28", "2026-02-30"])
def test_a_column_of_text_is_compared_as_a_text_is(comparison, values):
    people = stored([{"region": value} for value in values])

    holds, denied = by_sql(comparison), by_sql({"none": [comparison]})

    assert holds == by_evaluate(comparison, people)
    assert denied == {person.pk for person in people} - holds


@settings(max_examples=100)
@given(comparison=comparisons(st.just("contact.attributes.x")), values=st.lists(kept, min_size=1, max_size=12))
def test_each_comparison_and_its_denial_part_everybody_alike(comparison, values):
    people = stored([{"attributes": {"x": value}} for value in values] + [{"attributes": {}}])

    holds, denied = by_sql(comparison), by_sql({"none": [comparison]})

    assert holds == by_evaluate(comparison, people)
    assert denied == {person.pk for person in people} - holds


def test_what_a_contact_has_is_what_both_can_read():
    person = make_contact(email="ana@example.com", time_zone="Europe/Lisbon", language="pt", region="EU")

    for name in person.facts():
        rule = {"field": f"contact.{name}", "op": "exists", "value": True}
        assert by_sql(rule) == by_evaluate(rule, [person]) == {person.pk}


def test_a_condition_joins_with_other_filters():
    person, _ = make_contact(region="EU"), make_contact(region="EU")
    rule = {
        "any": [
            {"field": "contact.region", "op": "eq", "value": "EU"},
            {"field": "event.id", "op": "exists", "value": False},
        ]
    }

    found = Contact.objects.filter(condition(rule, at=AT), pk=person.pk) | Contact.objects.none()

    assert list(found) == [person]
