"""Dead letters: found, understood, and sent again once one has seen what would come of it."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from automation.flows.models import Flow
from automation.models import Message
from suppression.address import hash_address
from suppression.models import Scope
from tests.automation.admin.pages import said, url
from tests.factories import make_account, make_live_flow, make_message
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db


def dead_letter(**fields):
    message = make_message(**{"status": "failed", "reason": "rejected: no", "attempts": 2, **fields})
    for number, outcome in enumerate(["never_left", "rejected"], start=1):
        at = timezone.now() - timedelta(days=3 - number)
        message.attempt_set.create(
            number=number, account=message.account, outcome=outcome, detail="no", began_at=at, ended_at=at
        )
    return message


def found(client, **asked):
    shown = client.get(url(Message, "changelist"), {"status__exact": "failed", **asked})
    return set(shown.context["cl"].result_list)


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def answers(response):
    [table] = response.context_data["tables"]
    return {str(answer): count for answer, count, _ in table.rows}


def choose(client, *messages, **more):
    chosen = {"action": "send_selected_again", "_selected_action": [one.pk for one in messages], **more}
    return client.post(url(Message, "changelist"), chosen)


def agree(client, page, **changes):
    """Press the button of the page that shows the answers."""
    hidden = page.context_data["hidden"]
    fields = {"max_age_0": "", "max_age_1": "86400", "agreed": "1", "_selected_action": page.context_data["chosen"]}
    return client.post(page.context_data["list_url"], {**hidden, "select_across": "0", **fields, **changes})


def statuses(*messages):
    return [Message.objects.get(pk=one.pk).status for one in messages]


def test_the_list_says_how_often_each_was_tried_and_what_came_first_and_last(admin_client):
    dead_letter()

    shown = text_of(admin_client.get(url(Message, "changelist"), {"status__exact": "failed"}))

    assert "the ESP refused it: no" in shown
    assert "the ESP could not be reached, <time" in shown
    assert "2 days ago" in shown
    assert "1 day ago" in shown


def test_they_are_found_by_reason_flow_account_and_age(admin_client):
    flow, _ = make_live_flow(), make_live_flow()  # Of one only, the admin makes no filter.
    refused = dead_letter(flow_version=flow.live_version, topic=flow.topic)
    nowhere = dead_letter(reason="invalid_address: empty", created_at=timezone.now() - timedelta(days=8))

    assert found(admin_client) == {refused, nowhere}
    assert found(admin_client, why="rejected") == {refused}
    assert found(admin_client, why="invalid_address") == {nowhere}
    assert found(admin_client, flow_version__flow__id__exact=flow.pk) == {refused}
    assert found(admin_client, account__id__exact=nowhere.account_id) == {nowhere}
    assert found(admin_client, age="day") == {refused}
    assert found(admin_client, age="old") == {nowhere}


def test_what_they_died_of_is_counted_and_each_number_leads_to_those(admin_client):
    account = make_account()
    two = {dead_letter(account=account), dead_letter(account=account)}
    dead_letter(reason="attempts_exhausted: throttled: slow")

    shown = admin_client.get(url(Message, "changelist"), {"status__exact": "failed"})

    [table] = shown.context_data["tables"]
    assert [row[0] for row in table.rows] == ["the ESP refused it", "given up after the last attempt"]
    link = unescape(str(table.rows[0][3]))
    query = dict(pair.split("=") for pair in link.split("?")[1].split('"')[0].split("&"))
    assert found(admin_client, **query) == two


def test_other_lists_offer_none_of_that(admin_client):
    dead_letter()

    shown = admin_client.get(url(Message, "changelist"), {"why": "rejected"})

    assert "tables" not in shown.context_data
    assert "why it failed" not in text_of(shown)


def test_the_answer_is_shown_before_anything_is_done(admin_client):
    goes = dead_letter()
    left = dead_letter()
    make_suppression(address_hash=hash_address(left.to_email), scope=Scope.ALL)
    sent = make_message(status="sent")

    page = choose(admin_client, goes, left, sent)

    assert answers(page) == {"It is sent": "1", "It is left alone: the person has unsubscribed": "1"}
    assert "Send 1 again" in text_of(page)
    assert statuses(goes, left, sent) == ["failed", "failed", "sent"]


def test_who_agrees_has_them_sent_and_their_history_says_who_it_was(admin_client):
    goes, left = dead_letter(), dead_letter()
    make_suppression(address_hash=hash_address(left.to_email), scope=Scope.ALL)

    done = agree(admin_client, choose(admin_client, goes, left))

    assert said(done) == ["Queued again: 1."]
    assert statuses(goes, left) == ["queued", "failed"]
    [entry] = LogEntry.objects.all()
    assert (entry.user.username, entry.object_id, entry.change_message) == ("root", str(goes.pk), "To be sent again.")
    assert goes.attempt_set.count() == 2


def test_one_is_sent_again_from_its_own_page_in_the_same_way(admin_client):
    message = dead_letter()
    assert "Send again" in text_of(admin_client.get(url(Message, "change", message.pk)))

    page = admin_client.get(url(Message, "send_again", message.pk))
    assert (answers(page), statuses(message)) == ({"It is sent": "1"}, ["failed"])
    agree(admin_client, page)

    assert statuses(message) == ["queued"]


def test_a_double_click_sends_once_even_if_it_fails_in_between(admin_client):
    message = dead_letter()
    page = choose(admin_client, message)
    agree(admin_client, page)
    Message.objects.update(status="failed")

    again = agree(admin_client, page)

    assert said(again)[-1] == "Nothing was queued: ask again to see why."
    assert statuses(message) == ["failed"]


def test_all_that_match_a_filter_are_sent_again_and_no_others(admin_client):
    refused = [dead_letter() for _ in range(2)]
    other = dead_letter(reason="invalid_address: x")
    asked = {"action": "send_selected_again", "_selected_action": [refused[0].pk], "select_across": "1"}

    page = admin_client.post(f"{url(Message, 'changelist')}?status__exact=failed&why=rejected", asked)
    agree(admin_client, page, select_across="1")

    assert statuses(*refused, other) == ["queued", "queued", "failed"]


def test_the_age_that_is_too_old_is_the_persons_to_say(admin_client):
    old = dead_letter(created_at=timezone.now() - timedelta(days=20))
    page = choose(admin_client, old)
    assert answers(page) == {"It is left alone: it is too old": "1"}
    assert "again" not in page.context_data["button"]

    anew = agree(admin_client, page, agreed="1", max_age_0="30")

    assert answers(anew) == {"It is sent": "1"}  # Not done yet: that is not what had been shown.
    assert statuses(old) == ["failed"]
    agree(admin_client, anew, max_age_0="30")
    assert statuses(old) == ["queued"]


@pytest.mark.parametrize("rubbish", ["", "yesterday", "2026-01-01T00:00:00"])
def test_an_agreement_to_nothing_is_asked_anew(admin_client, rubbish):
    message = dead_letter()

    page = agree(admin_client, choose(admin_client, message), asked_at=rubbish)

    assert answers(page) == {"It is sent": "1"}
    assert statuses(message) == ["failed"]


def test_an_age_of_centuries_is_refused_and_nothing_done(admin_client):
    message = dead_letter()

    page = agree(admin_client, choose(admin_client, message), max_age_0="99999")

    assert "This is longer than ten years." in text_of(page)
    assert statuses(message) == ["failed"]


def test_where_a_paused_flow_or_account_stands_in_the_way_it_is_said(admin_client):
    flow = make_live_flow()
    held = dead_letter(flow_version=flow.live_version, topic=flow.topic)
    resting = dead_letter(account=make_account(status="paused"))
    Flow.objects.update(status="paused")

    page = choose(admin_client, held, resting)

    assert list(answers(page)) == [
        "It waits: its ESP account is paused; a route may lead elsewhere",
        "It waits: its flow is paused",
    ]
