"""The segments pump: who comes in and who leaves, told once, and by whom it was brought about."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.enrollments.react import react_to_due_events
from automation.models import Contact, Enrollment, Event, EventType, Segment, SegmentCheck, SegmentMember
from automation.segments import keep as keep_module
from automation.segments.keep import keep_segments
from tests.automation.segments.keeping import members
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, make_segment

pytestmark = pytest.mark.django_db

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}


def told() -> list[tuple[str, str, str]]:
    """(event type, segment, contact) of what was told, in its order."""
    events = Event.objects.filter(event_type__name__startswith="segment.").order_by("due_at", "id")
    return [
        (event.event_type.name, event.payload["segment"], event.contact.external_id)
        for event in events.select_related("event_type", "contact")
    ]


def checked() -> set[tuple[int, int]]:
    return set(SegmentCheck.objects.values_list("segment_id", "contact_id"))


def test_who_gets_the_attribute_comes_in_and_who_loses_it_leaves():
    segment = make_segment(PRO, key="pros")
    upsert(external_id="ana", changes={"attributes": {"plan": "pro"}})
    keep_segments()
    ana = Contact.objects.get()
    inside = members(segment)
    upsert(external_id="ana", changes={"attributes": {"plan": "free"}})
    keep_segments()

    assert (inside, members(segment)) == ({ana.pk}, set())
    assert told() == [("segment.entered", "pros", "ana"), ("segment.left", "pros", "ana")]
    assert checked() == set()


def test_nothing_is_told_of_who_stays_in():
    segment = make_segment(PRO)
    contact = make_contact(attributes={"plan": "pro"})
    keep_segments()
    since = SegmentMember.objects.get().since
    contact.attributes = {"plan": "pro", "seats": 2}
    contact.save()
    contact.attributes = {"plan": "free"}
    contact.save()
    contact.attributes = {"plan": "pro"}
    contact.save()
    keep_segments()

    assert members(segment) == {contact.pk}
    assert len(told()) == 1
    assert SegmentMember.objects.get().since == since


def test_a_change_asks_only_the_segments_that_read_what_changed():
    contact = make_contact(attributes={"plan": "free", "address": {"city": "Faro"}}, region="EU")
    by_plan = make_segment(PRO)
    by_city = make_segment({"field": "contact.attributes.address.city", "op": "eq", "value": "Porto"})
    make_segment({"field": "contact.region", "op": "eq", "value": "US"})

    contact.attributes = {"plan": "free", "address": {"city": "Porto"}}
    contact.save()
    by_city_only = checked()
    contact.attributes = {"plan": "pro", "address": {"city": "Porto"}}
    contact.save()
    contact.engaged_at = timezone.now()
    contact.save()

    assert by_city_only == {(by_city.pk, contact.pk)}
    assert checked() == {(by_city.pk, contact.pk), (by_plan.pk, contact.pk)}


def test_an_event_asks_only_the_segments_that_count_its_type():
    ordered, other = make_event_type(name="Ordered"), make_event_type()
    contact = make_contact()
    segment = make_segment({"did": "Ordered", "at_least": 2})
    make_segment({"did": other.name})
    for _ in range(2):
        make_event(ordered, contact)

    react_to_due_events()
    asked = checked()
    keep_segments()

    assert asked == {(segment.pk, contact.pk)}
    assert members(segment) == {contact.pk}


def test_time_alone_moves_contacts_at_its_moment(monkeypatch):
    ordered, contact = make_event_type(name="Ordered"), make_contact()
    quiet = make_segment({"did": "Ordered", "at_most": 0, "within": {"days": 30}})
    at = timezone.now()
    event = make_event(ordered, contact, occurred_at=at)
    react_to_due_events()
    keep_segments()
    due_at = SegmentCheck.objects.get().due_at
    before = members(quiet)
    keep_segments()

    monkeypatch.setattr(keep_module.timezone, "now", lambda: at + timedelta(days=30))
    keep_segments()

    assert due_at == event.occurred_at + timedelta(days=30)
    assert before == set()
    assert members(quiet) == {contact.pk}
    assert checked() == set()


def test_a_new_contact_is_asked_by_every_segment():
    segment = make_segment({"field": "contact.attributes.plan", "op": "ne", "value": "pro"})

    contact = make_contact()
    keep_segments()

    assert members(segment) == {contact.pk}


def test_who_is_forgotten_is_in_no_segment():
    segment = make_segment({"field": "contact.attributes.plan", "op": "ne", "value": "pro"})
    contact = make_contact()
    keep_segments()
    contact.erased_at = timezone.now()
    contact.save()
    keep_segments()

    assert members(segment) == set()


def test_a_rule_that_is_not_in_force_does_nothing():
    Segment.objects.create(key="draft", name="Draft", rule={})

    make_contact()

    assert checked() == set()


def test_a_flow_of_a_segment_is_entered_by_who_comes_into_this_one():
    make_segment(PRO, key="pros")
    make_segment({"field": "contact.region", "op": "eq", "value": "EU"}, key="eu")
    flow = make_live_flow(
        trigger_kind="segment", trigger_key="pros", trigger=EventType.objects.get(name="segment.entered")
    )
    pro = make_contact(attributes={"plan": "pro"})
    make_contact(region="EU")

    keep_segments()
    react_to_due_events()

    assert list(Enrollment.objects.values_list("flow_id", "contact_id")) == [(flow.pk, pro.pk)]


def statements(contacts: int) -> int:
    for _ in range(contacts):
        make_event(make_event_type.ordered, make_contact(attributes={"plan": "pro"}))  # type: ignore[attr-defined]
    react_to_due_events()
    with CaptureQueriesContext(connection) as captured:
        assert keep_segments() == 2 * contacts
    return len(captured)


def test_statements_do_not_depend_on_the_number_of_contacts(monkeypatch):
    monkeypatch.setattr(make_event_type, "ordered", make_event_type(name="Ordered"), raising=False)
    make_segment(PRO)
    make_segment({"did": "Ordered", "within": {"days": 30}})

    assert statements(1) == statements(20)


def test_the_poison_of_one_contact_does_not_hold_up_the_others(monkeypatch):
    segment = make_segment(PRO)
    good, bad = make_contact(attributes={"plan": "pro"}), make_contact(attributes={"plan": "pro"})
    assess = keep_module.assess

    def stumble(pairs, *, at):
        if any(contact.pk == bad.pk for contact, _ in pairs):
            raise ZeroDivisionError
        return assess(pairs, at=at)

    monkeypatch.setattr(keep_module, "assess", stumble)
    keep_segments()

    assert members(segment) == {good.pk}
    assert SegmentCheck.objects.get().attempts == 1
