from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.models import HookCall, SegmentCheck, Tally
from config import dashboard as module
from config.dashboard import dashboard
from tests.factories import (
    make_account,
    make_enrollment,
    make_event,
    make_flow,
    make_message,
    make_plan,
    make_segment,
    make_sender,
)
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_root():
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create(username="root", is_superuser=True)
    return request


def make_report(**fields):
    key = str(InboxEvent.objects.count()).encode()
    return InboxEvent.objects.create(account=make_account(), dedupe_key=key, content_type="x", body=b"", **fields)


def shown(request) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    context = dashboard(request, {})
    table, _ = context["tables"]
    cards = {card.title: card.shown for card in context["cards"]}
    return cards, {name: (count, str(oldest)) for name, count, oldest in table.rows}


def test_an_idle_engine_shows_nothing_to_do(request_of_root):
    cards, waiting = shown(request_of_root)

    assert set(cards.values()) == {"0"}
    assert set(waiting.values()) == {("0", "-")}
    assert len(waiting) == 7


def test_it_shows_what_is_due_and_since_when(request_of_root):
    old = timezone.now() - timedelta(minutes=5)
    account = make_account()
    make_event(due_at=old)
    make_event(due_at=timezone.now() + timedelta(days=1))
    make_enrollment(due_at=old)
    make_message(due_at=old, account=account)
    make_message(account=account)
    make_message(due_at=old - timedelta(minutes=2))
    make_message(due_at=timezone.now() + timedelta(days=1))
    make_report(due_at=old)

    _, waiting = shown(request_of_root)

    assert waiting["Events to decide on"][0] == "1"
    assert "5 minutes ago" in waiting["Events to decide on"][1]
    assert waiting["Enrollments to move on"][0] == "1"
    assert waiting["Messages to send: transactional"][0] == "3"
    assert "7 minutes ago" in waiting["Messages to send: transactional"][1]
    assert waiting["Messages to send: bulk"] == ("0", "-")
    assert waiting["Reports of ESPs to read"][0] == "1"


def test_it_shows_what_needs_a_person_and_leads_there(admin_client: Client, request_of_root):
    make_message(status="failed")
    make_message(status="uncertain", uncertain_at=timezone.now())
    make_event(status="set_aside")
    enrollment = make_enrollment(status="set_aside")
    HookCall.objects.create(
        enrollment=enrollment,
        contact=enrollment.contact,
        flow=enrollment.flow,
        url="https://a.example",
        status="set_aside",
    )
    SegmentCheck.objects.create(segment=make_segment({}), contact=enrollment.contact, status="set_aside")
    make_report(status="set_aside")
    make_account(status="paused", trips=2)
    make_account(trips=1)
    make_flow(status="paused")
    make_plan(status="frozen")

    cards = dashboard(request_of_root, {})["cards"]

    assert {card.title: card.shown for card in cards if card.count != 1} == {}
    for card in cards:
        assert len(admin_client.get(card.url).context["cl"].result_list) == 1


def test_it_shows_how_mail_fares_by_account_and_domain(request_of_root):
    good, bad = make_sender(email="a@good.example.com"), make_sender(email="a@bad.example.com")
    for sender, counts in [(good, {"accepted": 1_000}), (bad, {"accepted": 200, "hard_bounced": 20, "failed": 10})]:
        Tally.objects.create(account=sender.account, sender=sender, hour=timezone.now(), backend=1, **counts)

    _, fares = dashboard(request_of_root, {})["tables"]

    [of_good, of_bad] = [[str(cell) for cell in row[1:]] for row in fares.rows]
    assert of_good == ["good.example.com", "1,000", *["0: 0 %"] * 4, *["0 of 0"] * 2]
    assert of_bad[:3] == ["bad.example.com", "200", "10: 4.76 %"]
    assert "10 %, over 5 %" in of_bad[3]
    assert of_bad[5] == "0"  # Of complaints, too few mails to tell.


def test_it_counts_no_further_than_the_limit(request_of_root, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 2)
    account = make_account()
    for _ in range(3):
        make_message(account=account)
        make_event()

    _, waiting = shown(request_of_root)

    assert waiting["Messages to send: transactional"][0] == "over 2"
    assert waiting["Events to decide on"][0] == "over 2"


def test_it_asks_the_same_however_much_there_is(request_of_root, django_assert_num_queries):
    make_enrollment()
    with CaptureQueriesContext(connection) as few:
        dashboard(request_of_root, {})
    for _ in range(3):
        make_message()
        make_enrollment()

    with django_assert_num_queries(len(few)):
        dashboard(request_of_root, {})


def test_no_question_reads_a_large_table_through(request_of_root):
    """Each must have an index to go by, so that a history of millions costs nothing."""
    for _ in range(3):
        make_message()
        make_enrollment()
    with CaptureQueriesContext(connection) as asked:
        dashboard(request_of_root, {})

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            for table in ("event", "enrollment", "message", "webhooks_inboxevent"):
                assert f"Seq Scan on {table}" not in plan.replace("automation_", ""), plan


def test_a_card_is_only_for_who_may_see_what_it_counts(request_of_root):
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_message"))
    request_of_root.user = viewer

    assert [card.title for card in dashboard(request_of_root, {})["cards"]] == ["Failed messages", "Uncertain messages"]
