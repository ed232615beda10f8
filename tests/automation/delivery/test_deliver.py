"""The deliver pump against an ESP: what goes out, once, and what each answer comes to."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import deliver as deliver_module
from automation.delivery import pace
from automation.delivery import window as window_module
from automation.delivery.deliver import deliver
from automation.delivery.marks import SETTLED_LIFE
from automation.delivery.reap import reap_leases
from automation.models import Attempt, EspAccount, Message
from tests.factories import make_message, make_sender, make_template, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_buckets():
    client().flushdb()


def run(lane=Lane.TRANSACTIONAL, seconds=5):
    return deliver(lane=lane, budget=timedelta(seconds=seconds))


def make_messages(account, count, **fields):
    shared = {"sender": make_sender(account), "template": make_template(), **fields}
    return [make_message(account=account, **shared) for _ in range(count)]


def statuses():
    return set(Message.objects.values_list("status", flat=True))


def test_a_queued_message_reaches_the_esp_with_our_id(esp, account_at):
    [message] = make_messages(account_at(), 1)

    assert run() == 1

    message.refresh_from_db()
    [line] = esp.journal()
    assert (message.status, message.esp_message_id, message.attempts) == ("sent", line["esp_id"], 1)
    assert (line["our_id"], line["to"], line["outcome"]) == (str(message.pk), message.to_email, "accepted")
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.began_at <= attempt.ended_at) == ("accepted", True)


@pytest.mark.parametrize("provider", ["postmark", "resend"])
def test_a_message_is_sent_once_however_often_the_pump_runs(esp, account_at, provider):
    make_messages(account_at(provider), 150)

    assert [run(), run()] == [150, 0]

    assert sorted(line["our_id"] for line in esp.journal()) == sorted(
        map(str, Message.objects.values_list("pk", flat=True))
    )
    assert statuses() == {"sent"}


@pytest.mark.parametrize("lost", [{"status": "sending"}, {"status": "queued", "fence": 0}], ids=["settle", "claim"])
def test_a_database_that_loses_what_it_committed_does_not_send_twice(esp, account_at, lost):
    """As a standby that takes over a little behind: it has lost the settling, or the claim with it."""
    make_messages(account_at(), 20)
    run()

    Message.objects.update(**lost, attempts=0, sent_at=None, esp_message_id="")
    Attempt.objects.all().delete()
    run()
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reap_leases()
    run()

    assert len(esp.journal()) == 20
    assert statuses() == {"uncertain"}


def test_marks_of_what_is_settled_are_gone_after_a_while(esp, account_at):
    make_messages(account_at(), 5)
    run()

    lives = [client().ttl(key) for key in client().scan_iter("mark:*")]

    assert len(lives) == 5
    assert all(0 < life <= SETTLED_LIFE.total_seconds() for life in lives)


def test_marketing_mail_says_how_to_leave(esp, account_at):
    topic = make_topic(key="offers")
    make_messages(
        account_at(), 1, topic=topic, template=make_template(html='<a href="{{ unsubscribe_url }}">leave</a>')
    )

    run(Lane.TRIGGERED)

    assert esp.outcomes() == ["accepted"]


def test_a_refused_recipient_fails_alone(esp, account_at):
    account = account_at()
    make_messages(account, 3)
    refused = make_message(account=account, to_email="refuse@example.com")

    run()

    refused.refresh_from_db()
    assert refused.status == "failed"
    assert Message.objects.filter(status="sent").count() == 3


def test_a_broken_template_fails_its_message_and_no_other(esp, account_at):
    account = account_at()
    make_messages(account, 2)
    broken = make_message(account=account, template=make_template(subject="{{ name }}"), values={"name": "a\r\nBcc: b"})

    run()

    broken.refresh_from_db()
    assert broken.status == "failed"
    assert broken.reason.startswith("rejected: RenderFailed")
    assert len(esp.journal()) == 2


def test_a_throttled_message_waits_until_the_esp_said(esp, account_at):
    esp.set_mode(fail="429", retry_after=300)
    [message] = make_messages(account_at(), 1)

    run()

    message.refresh_from_db()
    assert message.status == "queued"
    assert timedelta(seconds=280) < message.due_at - timezone.now() <= timedelta(seconds=300)
    assert pace.take(message.account, Lane.TRANSACTIONAL, 1).tokens == 0


@pytest.mark.parametrize("fail", ["500", "html200", "cut_after_accept"])
def test_what_may_have_been_taken_is_uncertain_and_not_repeated(esp, account_at, fail):
    esp.set_mode(fail=fail, count=1)
    [message] = make_messages(account_at(), 1)

    run()
    run()

    message.refresh_from_db()
    assert message.status == "uncertain"
    assert Attempt.objects.count() == 1


def test_an_esp_with_keys_is_asked_again_and_takes_the_message_once(esp, account_at):
    esp.set_mode(fail="cut_after_accept", count=1)
    [message] = make_messages(account_at("resend"), 1)

    run()
    Message.objects.update(due_at=timezone.now())
    run()

    message.refresh_from_db()
    assert message.status == "sent"
    assert esp.outcomes() == ["accepted_unanswered", "duplicate"]


def test_a_refused_account_is_paused_and_loses_nothing(esp, account_at):
    esp.set_mode(fail="401")
    account = account_at()
    make_messages(account, 5)

    run()

    account.refresh_from_db()
    assert account.status == EspAccount.Status.PAUSED
    assert account.paused_reason
    assert set(Message.objects.values_list("status", flat=True)) <= {"queued", "sending"}


def test_an_account_without_its_environment_variable_is_paused_and_says_so(esp, account_at, monkeypatch):
    account = account_at()
    make_messages(account, 1)
    monkeypatch.delenv("ESP_TEST")

    run()

    account.refresh_from_db()
    assert account.paused_reason == "ESP account “esp”: the environment has no ESP_TEST."


def test_the_rate_is_kept(esp, account_at):
    make_messages(account_at(rate_limit=20, burst=5), 60)

    sent = run(seconds=1)

    assert 15 <= sent <= 5 + 20 * 1.3


def test_without_redis_mail_still_goes_out_only_slowly(esp, account_at, monkeypatch):
    make_messages(account_at(rate_limit=50), 30)
    monkeypatch.setattr(client(), "connection_pool", type(client().connection_pool).from_url("redis://127.0.0.1:1/0"))

    sent = run(seconds=1)

    assert 1 <= sent <= 10
    assert len(esp.journal()) == Message.objects.filter(status="sent").count() == sent


def test_a_lower_lane_gives_way_to_a_waiting_higher_one(esp, account_at, monkeypatch):
    make_messages(account_at(), 5, topic=make_topic())
    monkeypatch.setattr(deliver_module, "is_waiting", lambda pump: pump == "automation.deliver.transactional")

    assert run(Lane.TRIGGERED) == 0


def test_calls_under_way_are_settled_although_the_next_claim_fails(esp, account_at, monkeypatch):
    esp.set_mode(latency_ms=100)
    make_messages(account_at(concurrency=2), 10)
    claim, limits = window_module.claim, []

    def claim_once(*, limit, **more):
        limits.append(limit)
        if len(limits) > 1:
            raise OperationalError("the database is gone")
        return claim(limit=limit, **more)

    monkeypatch.setattr(window_module, "claim", claim_once)

    with pytest.raises(OperationalError):
        run()

    sent = Message.objects.filter(status="sent").count()
    assert sent == len(esp.journal()) > 0
