"""One ESP goes down while mail flows: its breaker opens, the rest goes through the other, and nothing goes twice."""

import json
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import breaker
from automation.delivery.deliver import deliver
from automation.models import Attempt, EspAccount, Message, Route
from automation.tasks import reap
from tests.factories import make_account, make_message, make_sender, make_template

pytestmark = pytest.mark.django_db

CONCURRENCY = 4


@pytest.fixture(autouse=True)
def nothing_remembered():
    client().flushdb()
    breaker._calls.clear()


@pytest.fixture
def esps(run_sandbox, monkeypatch):
    """Two ESPs, each with an account of ours. Mail goes through the first, else through the second."""
    monkeypatch.setenv("ESP_TEST", json.dumps({"server_token": "t"}))
    sandboxes = {}
    for position, key in enumerate(["first", "second"]):
        sandboxes[key] = run_sandbox()
        url = f"{sandboxes[key].url}/{key}/postmark/"
        account = make_account(key=key, api_url=url, concurrency=CONCURRENCY, max_attempts=50, backoff_ms=1)
        Route.objects.create(position=position, account=account)
    return sandboxes


@pytest.fixture
def messages(esps):
    first = EspAccount.objects.get(key="first")
    sender, template = make_sender(first), make_template()
    return [make_message(account=first, sender=sender, template=template) for _ in range(100)]


def run_pumps(until=lambda: not Message.objects.filter(status__in=["queued", "sending"]).exists()):
    give_up = time.monotonic() + 20
    while not until():
        assert time.monotonic() < give_up, Counter(Message.objects.values_list("account__key", "status"))
        deliver(lane=Lane.TRANSACTIONAL, budget=timedelta(milliseconds=200))
        reap()


def accepted(*esps):
    return Counter(line["our_id"] for esp in esps for line in esp.journal() if line["outcome"].startswith("accepted"))


def first_account():
    return EspAccount.objects.get(key="first")


@pytest.mark.parametrize("fail", ["500", "500_after_accept", "cut_before_accept", "reset"])
def test_what_the_esp_that_fails_may_have_taken_stays_and_the_rest_goes_through_the_other(esps, messages, fail):
    esps["first"].set_mode(fail=fail)

    run_pumps()

    states = Counter(Message.objects.values_list("account__key", "status"))
    assert set(states) == {("first", "uncertain"), ("second", "sent")}
    assert states["first", "uncertain"] <= breaker.MIN_CALLS + CONCURRENCY
    assert accepted(*esps.values()).most_common(1)[0][1] == 1
    assert {str(pk) for pk in Message.objects.filter(status="sent").values_list("pk", flat=True)} == set(
        accepted(esps["second"])
    )
    assert first_account().trips == 1


def test_what_never_left_goes_through_the_other(esps, messages):
    EspAccount.objects.filter(key="first").update(api_url="http://127.0.0.1:9/")  # Where nobody listens.

    run_pumps()

    assert len(accepted(esps["second"])) == 100
    assert not accepted(esps["first"])
    tried = Attempt.objects.filter(outcome="never_left").values_list("message", "account__key")
    assert {key for _, key in tried} == {"first"}
    assert Message.objects.filter(pk__in=[pk for pk, _ in tried], account__key="second").count() == len(tried)


def test_an_account_that_is_refused_is_paused_and_loses_nothing(esps, messages):
    esps["first"].set_mode(fail="401")

    run_pumps()

    assert len(accepted(esps["second"])) == 100
    first = first_account()
    assert (first.status, first.paused_by, first.trips) == ("paused", "ESP answered 401", 0)
    assert first.paused_at is not None


def test_without_another_route_everything_waits(esps, messages):
    Route.objects.all().delete()
    esps["first"].set_mode(fail="500")

    run_pumps(until=lambda: first_account().trips)

    assert set(Message.objects.values_list("account__key", "status")) == {("first", "uncertain"), ("first", "queued")}


def test_one_message_tries_whether_the_esp_is_back_and_then_all_may(esps, messages):
    Route.objects.all().delete()
    esps["first"].set_mode(fail="500")
    run_pumps(until=lambda: first_account().trips)
    calls = len(esps["first"].journal())

    EspAccount.objects.update(open_until=timezone.now())
    run_pumps(until=lambda: first_account().trips == 2)
    assert len(esps["first"].journal()) == calls + 1

    esps["first"].set_mode()
    EspAccount.objects.update(open_until=timezone.now())
    run_pumps()
    assert first_account().trips == 0
    assert accepted(esps["first"]).total() == Message.objects.filter(status="sent").count() > 50
