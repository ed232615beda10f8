"""Events, enrollments, messages and the ESPs' reports: how they are found, read, and given another chance."""

import os
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from automation.admin.logs import CappedPaginator
from automation.delivery.models import Engagement, Message, Tally
from automation.enrollments.models import Enrollment, StepRun
from automation.enrollments.react import react_to_due_events
from automation.events.models import Event
from tests.automation.admin.pages import press, run, said, url
from tests.factories import (
    make_account,
    make_contact,
    make_enrollment,
    make_event,
    make_event_type,
    make_live_flow,
    make_message,
    make_template,
    make_topic,
)
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db


def found(client: Client, model: type[Model], **asked: str) -> list[object]:
    return list(client.get(url(model, "changelist"), asked).context["cl"].result_list)


def page(client: Client, row: Model) -> str:
    return " ".join(unescape(client.get(url(type(row), "change", row.pk)).content.decode()).split())


def make_inbox_event(**fields) -> InboxEvent:
    return InboxEvent.objects.create(
        **{"account": make_account(), "dedupe_key": os.urandom(32), "content_type": "x", "body": b"{}", **fields}
    )


def test_logs_are_found_by_the_contact_and_by_their_own_ids(admin_client):
    ana, ben = make_contact(external_id=str(uuid4()), email="ana@example.com"), make_contact()
    event, enrollment = make_event(contact=ana), make_enrollment(contact=ben)
    message = make_message(contact=ana, esp_message_id="esp-1", dedupe_key=f"{enrollment.pk}:step-0:1")
    make_message()
    make_event()

    assert found(admin_client, Event, q=ana.external_id) == found(admin_client, Event, q=str(event.pk)) == [event]
    assert found(admin_client, Enrollment, q=f" {ben.email} ") == found(admin_client, Enrollment, q=str(enrollment.pk))
    for typed in (ana.external_id, "ana@example.com", "esp-1", str(message.pk), str(enrollment.pk)):
        assert found(admin_client, Message, q=typed) == [message]
    assert found(admin_client, Message, q="nobody") == []


def test_what_needs_a_person_is_found_by_a_filter(admin_client):
    failed, aside = make_message(status="failed"), make_event(status="set_aside")
    make_message()
    make_event()

    assert found(admin_client, Message, status__exact="failed") == [failed]
    assert found(admin_client, Event, status__exact="set_aside") == [aside]


def test_a_long_list_is_counted_no_further_than_one_can_page(admin_client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "LIMIT", 2)
    for _ in range(3):
        make_event()

    shown = admin_client.get(url(Event, "changelist"))

    assert shown.context["cl"].result_count == 2
    assert "the first 2; search or filter to find others" in shown.content.decode()


def test_an_event_explains_each_decision_with_the_values_seen(admin_client):
    buying = make_event_type()
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    dear = make_live_flow(trigger=buying, entry_rule=rule)
    new = make_live_flow(trigger=buying, max_event_age=timedelta(hours=1))
    per_cart = make_live_flow(trigger=buying, re_entry="per_key", re_entry_path="event.payload.cart_id")
    nobody_yet = make_live_flow(trigger=buying, rollout_percent=0.0)
    anyone = make_live_flow(trigger=buying)
    event = make_event(buying, payload={"total": 20}, occurred_at=timezone.now() - timedelta(days=2))
    react_to_due_events()
    event.refresh_from_db()

    rows = admin_client.get(url(Event, "change", event.pk)).context["tables"][0].rows

    said_of = {
        flow.name: (str(row[2]), str(row[3]))
        for flow, row in zip((dear, new, per_cart, nobody_yet, anyone), rows, strict=True)
    }
    assert said_of[dear.name][0] == "not entered: the entry rule says no"
    assert "event.payload.total is at least 50 <i>(was 20)</i>" in said_of[dear.name][1]
    assert said_of[new.name] == ("not entered: the event was too old", "2 days old, and the limit is 1 hour")
    assert said_of[per_cart.name][1] == "event.payload.cart_id has no value"
    assert said_of[nobody_yet.name][1].endswith("of 100, and the share is 0 %")
    assert str(Enrollment.objects.get().pk) in said_of[anyone.name][0]


def test_an_enrollment_shows_its_steps_and_its_messages(admin_client):
    enrollment = make_enrollment()
    trace = {"field": "contact.region", "op": "eq", "value": "EU", "seen": "US", "result": False}
    for visit, result in enumerate(
        [{"kind": "wait", "until": "2026-03-01T12:00:00+00:00"}, {"kind": "branch", "trace": trace}, {}]
    ):
        StepRun.objects.create(enrollment=enrollment, step_key=f"s{visit}", visit=visit, result=result)
    mine = make_message(dedupe_key=f"{enrollment.pk}:s0:1")
    make_message(dedupe_key=f"{uuid4()}:s0:1")

    steps, messages = admin_client.get(url(Enrollment, "change", enrollment.pk)).context["tables"]

    assert steps.rows[0][3] == "waited until 2026-03-01 12:00 UTC"
    assert "contact.region is “EU” <i>(was “US”)</i>" in steps.rows[1][3]
    assert len(messages.rows) == 1
    assert str(mine.pk) in messages.rows[0][0]


@pytest.mark.parametrize(
    ("make", "status", "again"),
    [
        (make_event, "set_aside", "new"),
        (make_enrollment, "set_aside", "active"),
        (make_inbox_event, "set_aside", "new"),
    ],
)
def test_what_was_set_aside_is_tried_again_alone_or_with_others(admin_client, make, status, again):
    rows = [make(status=status, attempts=5, failure="KeyError: 'x'") for _ in range(3)]
    model = type(rows[0])

    assert "KeyError: 'x'" in page(admin_client, rows[0])
    press(admin_client, rows[0], "try_again")
    run(admin_client, model, "try_selected_again", *rows[1:])

    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.attempts, row.failure) == (again, 0, "")
        entry = LogEntry.objects.get(object_id=row.pk)
        assert (entry.user.username, entry.change_message) == ("root", "To be tried again.")
    assert said(press(admin_client, rows[0], "try_again"))[-1] == "Nothing to do: none of them is set aside."
    assert "Try again" not in page(admin_client, rows[0]).partition("<form")[0]


@pytest.mark.parametrize("make", [make_event, make_enrollment, make_inbox_event, make_message])
def test_who_may_only_look_cannot_replay(client, make):
    row = make(status="failed" if make is make_message else "set_aside")
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename=f"view_{type(row)._meta.model_name}"))
    client.force_login(viewer)
    one, many = ("send_again", "send_selected_again") if make is make_message else ("try_again", "try_selected_again")

    assert client.get(url(type(row), "change", row.pk)).status_code == 200
    assert press(client, row, one).status_code == 403
    run(client, type(row), many, row)
    assert type(row).objects.get().status == row.status


def test_the_mail_is_shown_as_it_was_made(admin_client):
    template = make_template(
        subject="Hello {{ name }}",
        html='<p>Hi {{ name }}</p><a href="{{ unsubscribe_url }}">Leave</a>',
        text="Hi {{ name }}",
        variables=[{"name": "name", "path": "event.payload.name"}],
    )
    message = make_message(
        template=template, values={"name": 'An"a <b>'}, to_email="ana@example.com", topic=make_topic()
    )

    shown = admin_client.get(url(Message, "see_the_mail", message.pk)).content.decode()

    assert "Hello An&quot;a &lt;b&gt;" in shown
    [frame] = re.findall(r"<iframe[^>]*>", shown)
    assert "sandbox title=" in frame
    assert unescape(frame.split("srcdoc='")[1]).startswith('<base target="_blank"><p>Hi An&')
    assert "<b>" not in unescape(frame)
    assert "&lt;shop@example.com&gt;" in shown


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": "missing_value: name", "status": "withheld"}, "a value that the template needs was missing"),
        ({"to_email": "", "reason": "no_address"}, "There is no mail."),
        ({"to_email": "ana@"}, "There is no mail."),
    ],
)
def test_a_mail_that_cannot_be_shown_is_explained(admin_client, fields, why):
    message = make_message(**fields)

    assert why in admin_client.get(url(Message, "see_the_mail", message.pk)).content.decode()


def test_a_report_shows_what_the_esp_wrote(admin_client):
    json, form = make_inbox_event(body=b'{"b":[1]}'), make_inbox_event(body=b"a=1&b=\xff<script>")

    assert '"b": [ 1 ]' in page(admin_client, json)
    assert "a=1&b=�" in page(admin_client, form)
    assert "<script>" in page(admin_client, form)
    assert b"&lt;script&gt;" in admin_client.get(url(InboxEvent, "change", form.pk)).content


def test_a_list_never_counts_its_rows_choice_by_choice(admin_client):
    make_message()

    assert not admin_client.get(url(Message, "changelist"), {"_facets": "True"}).context["cl"].add_facets


def test_a_message_shows_who_opened_it_and_what_tells_a_machine(admin_client):
    message = make_message()
    machine = {"is_click": True, "flagged": True, "signs": ["esp", "too_soon"], "url": "https://example.com/a"}
    person = {"is_click": False, "flagged": False, "signs": [], "agent": "Mozilla/5.0 (Windows)"}
    for about in (machine, person):
        Engagement.objects.create(id=uuid4(), message=message, at=timezone.now(), **about)

    html = page(admin_client, message)

    assert "the ESP says so, too soon after the delivery" in html
    assert ("a machine" in html, "a person" in html, "https://example.com/a" in html) == (True, True, True)


def test_a_flow_shows_how_many_mails_people_opened_and_how_many_anybody(admin_client):
    flow = make_live_flow()
    counts = {"accepted": 40, "opened": 30, "human_opened": 12, "clicked": 9, "human_clicked": 7}
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    Tally.objects.create(account=flow.sender.account, sender=flow.sender, flow=flow, hour=now, backend=1, **counts)

    html = page(admin_client, flow)

    assert "12 of 30" in html
    assert "7 of 9" in html


def test_a_report_shows_which_of_its_events_were_set_aside_and_they_show_the_report(admin_client):
    call = make_inbox_event(status="digested")
    part = make_inbox_event(status="set_aside", part_of=call, failure="Event 17: KeyError in parse")

    assert "Event 17: KeyError in parse" in page(admin_client, call)
    assert f"inbox event {call.pk}" in page(admin_client, part)
    call.delete()
    assert f"inbox event {part.part_of_id}" in page(admin_client, part)


def test_an_event_of_somebody_from_elsewhere_is_set_aside_until_it_may_be_here(admin_client, settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]
    event = make_event(make_live_flow().trigger, make_contact(region="US"))
    react_to_due_events()
    page = admin_client.get(url(Event, "change", event.pk)).content.decode()

    press(admin_client, event, "try_again")
    settings.DEPLOYMENT_REGIONS = ["EU", "US"]
    react_to_due_events()

    assert "residency: this contact&#x27;s region is not among those that may be kept here." in page
    event.refresh_from_db()
    assert event.status == Event.Status.DECIDED
