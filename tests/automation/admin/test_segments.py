"""Segments on their pages: saving a rule puts it in force, and why somebody is in or out is told."""

import json

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from automation.models import Contact, Segment, SegmentCheck
from automation.segments.keep import keep_segments
from automation.segments.models import SegmentMember
from tests.automation.admin.pages import press, said, save, url
from tests.factories import make_contact, make_live_flow, make_segment

pytestmark = pytest.mark.django_db

PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
EU = {"field": "contact.region", "op": "eq", "value": "EU"}


def page_of(row: Model) -> str:
    return url(type(row), "change", row.pk)


def test_a_rule_that_is_saved_is_in_force(admin_client):
    segment = make_segment(PRO)

    save(admin_client, segment, rule=json.dumps(EU))

    segment.refresh_from_db()
    assert (segment.in_force, segment.contact_paths, segment.fill_after) == (EU, ["region"], 0)


def test_another_name_asks_nobody_again(admin_client):
    segment = make_segment(PRO)

    save(admin_client, segment, name="Professionals")

    segment.refresh_from_db()
    assert (segment.name, segment.is_filled) == ("Professionals", True)


@pytest.mark.parametrize("root", ["event", "awaited"])
def test_a_rule_about_an_event_is_refused(admin_client, root):
    segment = make_segment(PRO)
    rule = {"field": f"{root}.payload.total", "op": "gt", "value": 5}

    page = save(admin_client, segment, rule=json.dumps(rule))

    assert "there is no event at hand" in page.content.decode()
    assert Segment.objects.get().rule == PRO


def test_the_page_tells_what_builds_on_it_and_that_must_not_be_built_on(admin_client):
    pros, other = make_segment(PRO, key="pros"), make_segment(EU)
    save(admin_client, make_segment(EU, name="European pros"), rule=json.dumps({"all": [{"segment": "pros"}, EU]}))
    above = Segment.objects.get(name="European pros")

    refused = save(admin_client, other, rule=json.dumps({"segment": above.key}))

    assert (above.builds_on, above.fill_after) == ([pros.pk], 0)
    assert "European pros" in admin_client.get(page_of(pros)).content.decode()
    assert "“European pros” builds on another segment" in refused.content.decode()


def test_the_page_tells_who_is_in_it_how_many_and_which_flows_it_starts(admin_client):
    segment = make_segment(PRO)
    make_live_flow(name="Welcome pros", trigger_kind="segment", trigger_key=segment.key)
    make_contact(external_id="ana", attributes={"plan": "pro"})
    make_contact(external_id="bob")
    keep_segments()

    content = admin_client.get(page_of(segment)).content.decode()

    assert "ana" in content
    assert "bob" not in content
    assert "Welcome pros" in content


@pytest.mark.parametrize(("plan", "says"), [("pro", "Why ana is in it"), ("free", "Why ana is not in it")])
def test_it_tells_why_a_contact_is_in_or_out(admin_client, plan, says):
    segment = make_segment(PRO)
    contact = make_contact(external_id="ana", attributes={"plan": plan})
    why = f"{page_of(segment)}?contact={contact.pk}"

    asked_at = admin_client.get(page_of(contact)).content.decode()
    content = admin_client.get(why).content.decode()

    assert why in asked_at
    assert says in content
    assert f"(was “{plan}”)" in content


def test_contacts_whom_asking_about_kept_failing_are_shown_and_asked_again(admin_client):
    segment, contact = make_segment(PRO), make_contact(external_id="ana", attributes={"plan": "pro"})
    failed = {"status": "set_aside", "attempts": 5, "failure": "KeyError: 'secret'"}
    SegmentCheck.objects.update(**failed)

    content = admin_client.get(page_of(segment)).content.decode()
    response = press(admin_client, segment, "try_again")
    keep_segments()

    assert "KeyError" in content
    assert "secret" not in content
    assert said(response) == ["To be asked again: 1."]
    assert segment.members.get().contact == contact


def members_of(client, segment, **asked):
    shown = client.get(url(Contact, "changelist"), {"segment": segment.pk, **asked})
    return [contact.external_id for contact in shown.context["cl"].result_list]


@pytest.fixture
def pros():
    """A segment with Ana, Anton and Ben; Eva is in another."""
    segment, other = make_segment(PRO, key="pros"), make_segment(EU, key="eu")
    for name in ("ana", "anton", "ben"):
        SegmentMember.objects.create(segment=segment, contact=make_contact(external_id=name), since=timezone.now())
    SegmentMember.objects.create(segment=other, contact=make_contact(external_id="eva"), since=timezone.now())
    make_contact(external_id="anybody")
    return segment


def test_all_members_are_listed_and_one_of_them_is_found(admin_client, pros):
    assert members_of(admin_client, pros) == ["ben", "anton", "ana"]
    assert members_of(admin_client, pros, q="anton") == ["anton"]
    assert members_of(admin_client, pros, q="eva") == []


def test_the_page_of_a_segment_leads_to_all_its_members(admin_client, pros):
    page = admin_client.get(page_of(pros)).content.decode()

    assert f'href="{url(Contact, "changelist")}?segment={pros.pk}">All members</a>' in page


@pytest.mark.parametrize("asked", ["0", "pros", "9" * 30])
def test_a_segment_that_is_not_there_has_no_list(admin_client, pros, asked):
    answer = admin_client.get(url(Contact, "changelist"), {"segment": asked})

    assert (answer.status_code, answer.url) == (302, f"{url(Contact, 'changelist')}?e=1")


def test_members_are_read_in_the_order_of_the_list_from_the_index_of_members(pros):
    """However many there are, a page reads no more of them than it shows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        plan = Contact.objects.filter(memberships__segment=pros.pk).order_by("-pk")[:50].explain()

    assert "Index Only Scan Backward using segment_member_once" in plan
