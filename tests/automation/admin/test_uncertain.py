"""Uncertain messages: what will settle them, and a person's word on them."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.models import Message
from tests.automation.admin.pages import said, url
from tests.factories import make_account, make_live_flow, make_message

pytestmark = pytest.mark.django_db


def uncertain(hours=7, policy="leave", **fields):
    flow = make_live_flow(uncertain_policy=policy)
    return make_message(
        **{
            "status": "uncertain",
            "reason": "unknown: read time-out",
            "uncertain_at": timezone.now() - timedelta(hours=hours),
            "flow_version": flow.live_version,
            "topic": flow.topic,
            **fields,
        }
    )


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def listed(client):
    return text_of(client.get(url(Message, "changelist"), {"status__exact": "uncertain"}))


def rule(client, page, because="The ESP's log says so."):
    fields = {**page.context_data["hidden"], "select_across": "0", "_selected_action": page.context_data["chosen"]}
    return client.post(page.context_data["list_url"], {**fields, "because": because, "agreed": "1"})


def status_of(message):
    message.refresh_from_db()
    return message.status


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"hours": 2}, "a report of the ESP; <time"),
        ({"hours": 2, "policy": "resend"}, "a report of the ESP; else it is sent again <time"),
        ({"hours": 7}, "no report within 6 hours; a late one, or you"),
        ({"hours": 7, "policy": "resend", "resent_at": timezone.now()}, "no report within 6 hours; a late one, or you"),
    ],
)
def test_the_list_says_what_will_settle_each(admin_client, message, expected):
    row = uncertain(**message)

    shown = listed(admin_client)

    assert expected in shown
    assert f"{message['hours']} hours ago" in shown
    assert "the ESP did not answer clearly: read time-out" in shown
    assert expected in text_of(admin_client.get(url(Message, "change", row.pk)))


def test_it_says_until_when_the_esp_recognises_a_second_one(admin_client):
    message = uncertain(hours=2, account=make_account(provider="resend"))
    until = message.uncertain_at + IDEMPOTENCY_KEY_LIFE["resend"]

    assert f"(until {until:%Y-%m-%d %H:%M} UTC, the ESP recognises a second one)" in listed(admin_client)
    Message.objects.update(in_batch=True)  # As one of many it had no key of its own.
    assert "recognises" not in listed(admin_client)


def test_those_that_are_left_are_found_by_a_filter(admin_client):
    left, young = uncertain(hours=7), uncertain(hours=2)

    for grace, expected in (("over", left), ("runs", young)):
        asked = {"status__exact": "uncertain", "grace": grace}
        assert list(admin_client.get(url(Message, "changelist"), asked).context["cl"].result_list) == [expected]


@pytest.mark.parametrize(
    ("action", "status", "done"),
    [("it_arrived", "sent", "Marked as sent"), ("it_did_not_arrive", "queued", "Queued again")],
)
def test_a_persons_word_is_asked_for_with_a_reason_and_kept_with_who_gave_it(admin_client, action, status, done):
    message = uncertain()

    page = admin_client.get(url(Message, action, message.pk))
    assert status_of(message) == "uncertain"
    answered = rule(admin_client, page)

    assert (status_of(message), said(answered)) == (status, [f"{done}: 1."])
    [entry] = LogEntry.objects.all()
    assert (entry.user.username, entry.change_message) == ("root", f"{done}: The ESP's log says so.")
    assert "The ESP's log says so." in text_of(admin_client.get(url(Message, "change", message.pk)))


def test_who_sends_again_is_told_of_the_risk(admin_client):
    page = admin_client.get(url(Message, "it_did_not_arrive", uncertain().pk))

    assert "whoever has the first mail after all gets it twice" in text_of(page)


def test_no_reason_no_verdict(admin_client):
    message = uncertain()

    page = rule(admin_client, admin_client.get(url(Message, "it_arrived", message.pk)), because="")

    assert "This field is required." in text_of(page)
    assert status_of(message) == "uncertain"


def test_a_report_that_comes_while_the_person_thinks_stands(admin_client):
    message = uncertain()
    page = admin_client.get(url(Message, "it_did_not_arrive", message.pk))
    stamp_many([Report(message.account_id, message.pk, "", Stage.DELIVERED, timezone.now())])

    answered = rule(admin_client, page)

    assert said(answered)[-1] == "Nothing was done: meanwhile it has been settled."
    assert status_of(message) == "delivered"


def test_many_are_ruled_on_together_and_what_is_settled_is_left(admin_client):
    rows, sent = [uncertain(), uncertain()], make_message(status="sent")
    chosen = {"action": "they_arrived", "_selected_action": [one.pk for one in [*rows, sent]]}

    page = admin_client.post(url(Message, "changelist"), chosen)
    assert page.context_data["button"] == "Mark as sent: 2"
    rule(admin_client, page)

    assert [status_of(one) for one in rows] == ["sent", "sent"]
    assert LogEntry.objects.count() == 2
