"""Changes, events, new rules and pumps at once, on real PostgreSQL: nothing is lost, and nothing told twice."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from automation.contacts.models import Contact
from automation.contacts.upsert import upsert
from automation.core.ids import new_id
from automation.core.json import JsonObject
from automation.enrollments.react import react_to_due_events
from automation.events.ingest import NewEvent, ingest
from automation.models import Event, Message, Segment, SegmentCheck, SegmentMember, SegmentNote
from automation.segments import fill as fill_module
from automation.segments.keep import keep_segments
from automation.segments.revise import revise
from tests.factories import make_contact, make_event_type, make_message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

RULES: list[JsonObject] = [
    {"all": [{"field": "contact.attributes.plan", "op": "eq", "value": "pro"}, {"did": "Ordered", "at_least": 2}]},
    {"any": [{"field": "contact.attributes.plan", "op": "ne", "value": "pro"}, {"did": "Ordered", "at_least": 4}]},
]


def act(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        who = f"c{chance.randrange(6)}"
        match chance.randrange(4):
            case 0:
                upsert(external_id=who, changes={"attributes": {"plan": chance.choice(["pro", "free"])}})
            case 1:
                event = NewEvent(id=new_id(), event_type="Ordered", user_id=who, payload={}, metadata={})
                ingest(events=[event], at=timezone.now())
            case 2:
                react_to_due_events()
            case _:
                keep_segments()
    connection.close()


def change_the_rule(seed: int) -> None:
    segment = Segment.objects.get()
    segment.rule = RULES[seed % 2]
    segment.save(update_fields=["rule"])
    revise(segment)
    connection.close()


@pytest.mark.parametrize("seed", range(12))
def test_membership_is_what_the_rule_says_in_the_end(seed, monkeypatch):
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    make_event_type(name="Ordered")
    segment = Segment.objects.create(key="s", name="S", rule=RULES[0])
    revise(segment)
    with ThreadPoolExecutor(6) as pool:
        tasks = [pool.submit(act, 10 * seed + n) for n in range(5)] + [pool.submit(change_the_rule, seed)]
        for task in tasks:
            task.result()
    while react_to_due_events() + keep_segments():
        pass

    segment.refresh_from_db()
    expected = {one.pk for one in Contact.objects.all() if holds(one, segment.rule)}
    assert segment.is_filled
    assert set(SegmentMember.objects.values_list("contact_id", flat=True)) == expected
    assert not SegmentCheck.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_comings_and_goings_alternate(seed):
    """Without a change of the rule, each is told: what was told last is how it is."""
    make_event_type(name="Ordered")
    segment = Segment.objects.create(key="s", name="S", rule=RULES[0])
    revise(segment)
    while not Segment.objects.get().is_filled:
        keep_segments()
    with ThreadPoolExecutor(5) as pool:
        for task in [pool.submit(act, 1000 + 10 * seed + n) for n in range(5)]:
            task.result()
    while react_to_due_events() + keep_segments():
        pass

    told = Counter(Event.objects.values_list("contact_id", "event_type__name"))
    members = set(SegmentMember.objects.values_list("contact_id", flat=True))
    for contact in Contact.objects.all():
        surplus = told[contact.pk, "segment.entered"] - told[contact.pk, "segment.left"]
        assert surplus == (contact.pk in members)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_was_sent_a_mail_is_in_whenever_the_rule_began_to_ask_it(seed, monkeypatch):
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    contacts = [make_contact() for _ in range(6)]
    for contact in contacts[:5] * 3:
        make_message(contact=contact)
    segment = Segment.objects.create(key="s", name="S", rule={"mail": "opened"})
    revise(segment)
    segment.rule = {"mail": "sent", "at_least": 2}
    segment.save()

    def send(n: int) -> None:
        chance = random.Random(10 * seed + n)
        for pk in chance.sample(list(Message.objects.values_list("pk", flat=True)), 8):
            Message.objects.filter(pk=pk).update(status="sent", sent_at=timezone.now())
        connection.close()

    def keep(_: int) -> None:
        for _ in range(10):
            keep_segments()
        connection.close()

    def change(_: int) -> None:
        revise(segment)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        for task in [pool.submit(what, n) for n, what in enumerate([send, send, keep, change, send, keep])]:
            task.result()
    while keep_segments():
        pass

    sent = Counter(Message.objects.filter(status="sent").values_list("contact_id", flat=True))
    expected = {contact_id for contact_id, count in sent.items() if count >= 2}
    assert set(SegmentMember.objects.values_list("contact_id", flat=True)) == expected
    assert not SegmentNote.objects.exists()


def holds(contact: Contact, rule: JsonObject) -> bool:
    """By hand, so that the engine is not its own witness."""
    is_pro = contact.attributes.get("plan") == "pro"
    orders = contact.events.filter(event_type__name="Ordered").count()
    return (is_pro and orders >= 2) if "all" in rule else (not is_pro or orders >= 4)
