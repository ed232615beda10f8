"""A segment whose rule names others follows whoever comes into those or leaves them."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.core import rules
from automation.models import Contact, Event, Segment, SegmentCheck
from automation.segments import fill as fill_module
from automation.segments import keep as keep_module
from automation.segments.faults import faults_of
from automation.segments.keep import keep_segments
from automation.segments.revise import revise
from tests.automation.segments.keeping import keep_on, members
from tests.factories import make_contact, make_event, make_segment

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
EU = {"field": "contact.region", "op": "eq", "value": "EU"}
PROS_OF_EU = {"all": [{"segment": "pros"}, EU]}
NOT_PROS = {"none": [{"segment": "pros"}]}


def told():
    return [(one.event_type.name, one.payload["segment"]) for one in Event.objects.order_by("received_at", "pk")]


def put_in_force(segment, rule):
    segment.rule = rule
    segment.save(update_fields=["rule"])
    revise(segment)


@pytest.mark.django_db
def test_it_follows_who_comes_into_the_other_and_leaves_it():
    make_segment(PRO, key="pros")
    both, neither = make_segment(PROS_OF_EU, key="pros-of-eu"), make_segment(NOT_PROS, key="not-pros")
    contact = make_contact(region="EU")
    seen = []

    for plan in ("free", "pro", "free"):
        upsert(external_id=contact.external_id, changes={"attributes": {"plan": plan}})
        keep_on()
        seen.append((members(both), members(neither)))

    assert seen == [(set(), {contact.pk}), ({contact.pk}, set()), (set(), {contact.pk})]


@pytest.mark.django_db
def test_nobody_is_told_of_a_state_in_between():
    """A change that both rules read moves a contact in both, or in none."""
    make_segment(PRO, key="pros")
    make_segment({"all": [NOT_PROS, PRO]}, key="never")
    contact = make_contact()
    keep_on()

    upsert(external_id=contact.external_id, changes={"attributes": {"plan": "pro"}})
    keep_on()

    assert told() == [("segment.entered", "pros")]


@pytest.mark.django_db
def test_time_alone_moves_it_with_the_other(monkeypatch):
    event = make_event()
    make_segment({"did": event.event_type.name, "within": {"days": 7}}, key="lately")
    quiet = make_segment({"none": [{"segment": "lately"}]}, key="quiet")
    SegmentCheck.objects.create(segment=Segment.objects.get(key="lately"), contact=event.contact)
    keep_on()
    before = members(quiet)

    monkeypatch.setattr(keep_module.timezone, "now", lambda: event.occurred_at + timedelta(days=7, minutes=1))
    keep_on()

    assert (before, members(quiet)) == (set(), {event.contact_id})


@pytest.mark.django_db(transaction=True)
def test_of_what_a_new_rule_of_the_other_changes_nobody_is_told(monkeypatch):
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    pros, both = make_segment(PRO, key="pros"), make_segment(PROS_OF_EU, key="pros-of-eu")
    contacts = {make_contact(region="EU").pk for _ in range(5)}
    keep_on()

    put_in_force(pros, {"none": [PRO]})
    keep_on()

    assert members(pros) == members(both) == contacts
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_everybody_is_asked_by_the_other_first():
    contact = make_contact(region="EU", attributes={"plan": "pro"})
    both = Segment.objects.create(key="pros-of-eu", name="Pros of the EU", rule=PROS_OF_EU)
    pros = Segment.objects.create(key="pros", name="Pros", rule=PRO)
    revise(pros)
    revise(both)

    keep_on()

    assert members(both) == {contact.pk}
    assert told() == []


@pytest.mark.django_db
def test_there_is_one_storey_and_no_circle():
    pros, both = make_segment(PRO, key="pros"), make_segment(PROS_OF_EU, key="pros-of-eu", name="Pros of the EU")

    assert faults_of(PROS_OF_EU, key="pros-of-eu") == []
    assert faults_of(PROS_OF_EU, key="another") == []
    assert faults_of({"segment": "pros"}, key=pros.key)[0] == "A segment cannot build on itself."
    assert faults_of({"segment": "nobody"}, key="new")[0].startswith("There is no segment “nobody”.")
    assert faults_of({"segment": both.key}, key="new") == [
        "“Pros of the EU” builds on another segment, so none can build on it. Copy its conditions here."
    ]
    make_segment(EU, key="of-eu")
    assert faults_of({"segment": "of-eu"}, key="pros") == [
        "“Pros of the EU” builds on this segment, so this one can build on none. Copy the conditions here."
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(10))
def test_of_two_at_once_that_would_build_on_each_other_one_is_refused(_):
    names = {"a": "b", "b": "a"}
    for key in names:
        make_segment(PRO, key=key)

    def build(key):
        rule = {"segment": names[key]}
        with transaction.atomic():
            faults = faults_of(rule, key=key)
            if not faults:
                put_in_force(Segment.objects.get(key=key), rule)
        connection.close()
        return bool(faults)

    with ThreadPoolExecutor(2) as pool:
        refused = list(pool.map(build, names))

    assert sorted(refused) == [False, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(12))
def test_all_is_as_the_rules_say_in_the_end(seed, monkeypatch):
    """Contacts and both rules change while pumps run. The rules are asked in SQL, the pumps ask them in Python."""
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    pros, both = make_segment(PRO, key="pros"), make_segment(PROS_OF_EU, key="pros-of-eu")

    def change(n):
        chance = random.Random(100 * seed + n)
        for _ in range(12):
            changes = {"region": chance.choice(["EU", "US"]), "attributes": {"plan": chance.choice(["pro", "free"])}}
            upsert(external_id=f"c{chance.randrange(6)}", changes=changes)
            keep_segments()
        connection.close()

    def change_rules(_):
        put_in_force(Segment.objects.get(pk=pros.pk), {"none": [PRO]})
        put_in_force(Segment.objects.get(pk=both.pk), {"any": [NOT_PROS, EU]})
        connection.close()

    with ThreadPoolExecutor(5) as pool:
        for task in [pool.submit(what, n) for n, what in enumerate([change, change, change_rules, change, change])]:
            task.result()
    keep_on()

    at = timezone.now()
    for segment in Segment.objects.all():
        expected = Contact.objects.filter(rules.condition(segment.asks, at=at)).values_list("pk", flat=True)
        assert segment.is_filled
        assert members(segment) == set(expected)
    assert not SegmentCheck.objects.exists()
