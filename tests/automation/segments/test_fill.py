"""Asking everybody by a new rule, and what may happen meanwhile."""

import threading

import pytest
from django.db import connection, transaction

from automation.contacts.models import Contact
from automation.contacts.upsert import upsert
from automation.models import Event, Segment, SegmentCheck, SegmentMember
from automation.segments import fill as fill_module
from automation.segments.keep import keep_segments
from automation.segments.revise import revise
from tests.automation.segments.keeping import keep_on
from tests.factories import make_contact, make_event_type

pytestmark = pytest.mark.django_db(transaction=True)

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}


def new_segment(rule=PRO) -> Segment:
    segment = Segment.objects.create(key="pros", name="Pros", rule=rule)
    revise(segment)
    return segment


def members() -> set[int]:
    return set(SegmentMember.objects.values_list("contact_id", flat=True))


def test_who_is_in_from_the_start_comes_in_untold(monkeypatch):
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    pros = {make_contact(attributes={"plan": "pro"}).pk for _ in range(3)}
    make_contact(attributes={"plan": "free"})
    segment = new_segment()

    keep_on()

    segment.refresh_from_db()
    assert members() == pros
    assert segment.is_filled
    assert not Event.objects.exists()


def test_it_goes_on_where_a_crash_has_stopped_it(monkeypatch):
    monkeypatch.setattr(fill_module, "CHUNK", 2)
    contacts = [make_contact(attributes={"plan": "pro"}).pk for _ in range(5)]
    segment = new_segment()
    move, chunks = fill_module.move, []

    def crash_at_the_second(standings, *args, **kwargs):
        move(standings, *args, **kwargs)
        chunks.append([one.contact_id for one in standings])
        if len(chunks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(fill_module, "move", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        keep_on()
    segment.refresh_from_db()
    reached, inside = segment.fill_after, members()
    keep_on()

    assert (reached, inside) == (contacts[1], set(contacts[:2]))
    assert chunks == [contacts[:2], contacts[2:4], contacts[2:4], contacts[4:]]
    assert members() == set(contacts)


def test_another_rule_asks_everybody_again_and_forgets_when_the_old_one_would_ask():
    make_event_type(name="Ordered")
    pro, free = make_contact(attributes={"plan": "pro"}), make_contact(attributes={"plan": "free"})
    soon = {"field": "contact.attributes.ends", "op": "within_next", "value": {"days": 7}}
    later = make_contact(attributes={"plan": "free", "ends": "2999-01-01"})
    segment = new_segment({"any": [PRO, soon]})
    keep_on()
    by_the_old = members(), list(SegmentCheck.objects.values_list("contact_id", flat=True))
    segment.rule = {"none": [PRO]}
    segment.save()
    revise(segment)

    keep_on()

    assert by_the_old == ({pro.pk}, [later.pk])
    assert members() == {free.pk, later.pk}
    assert not SegmentCheck.objects.exists()


def test_the_same_rule_asks_nobody():
    segment = new_segment()
    keep_on()

    assert revise(segment) is False
    assert keep_segments() == 0


@pytest.mark.parametrize("other", [1, True, 1.0])
def test_rules_that_python_takes_for_the_same_may_be_others(other):
    segment = new_segment({"field": "contact.attributes.seats", "op": "eq", "value": "1"})
    segment.rule = {"field": "contact.attributes.seats", "op": "eq", "value": 1 if other is True else True}
    segment.save()
    revise(segment)
    segment.rule = {"field": "contact.attributes.seats", "op": "eq", "value": other}
    segment.save()

    assert revise(segment) is True


def test_a_contact_that_is_being_created_by_who_does_not_know_the_rule_is_not_forgotten():
    written, revised = threading.Event(), threading.Event()

    def create() -> None:
        with transaction.atomic():
            upsert(external_id="ana", changes={"attributes": {"plan": "pro"}})
            written.set()
            assert revised.wait(10)
        connection.close()

    thread = threading.Thread(target=create)
    thread.start()
    assert written.wait(10)
    segment = new_segment()
    keep_on()
    segment.refresh_from_db()
    while_it_lasts = segment.fill_after
    revised.set()
    thread.join()
    keep_on()

    assert while_it_lasts == 0
    assert members() == {Contact.objects.get().pk}
