"""Sender threads and the connections that they keep."""

import json
from time import monotonic, sleep

import pytest

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import marks, sender
from automation.delivery.batch import MAX_TOGETHER
from automation.delivery.claim import claim
from automation.delivery.send import Call
from automation.delivery.sender import Sender, sender_for
from automation.models import EspAccount
from tests.automation.delivery.stub_esp import StubEsp
from tests.factories import make_account, make_message
from tests.outside import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(30)]


@pytest.fixture
def esp():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def account(esp, monkeypatch):
    client().flushdb()
    monkeypatch.setenv("ESP_TEST", json.dumps({"server_token": "t"}))
    return make_account(api_url=esp.url, concurrency=2)


def make_call(account, *, seconds=30.0):
    make_message(account=account)
    claimed = claim(account=account, lane=Lane.TRANSACTIONAL, limit=1, epoch=marks.epoch()).claimed
    return Call(claimed, begin_by=monotonic() + seconds)


def test_a_connection_that_no_call_uses_is_closed(account, esp, monkeypatch):
    monkeypatch.setattr(sender, "IDLE_S", 0.2)
    one, landed = Sender(account), []
    one.submit(make_call(account), lambda call, results: landed.append(results))
    wait_until(lambda: landed)
    [connection] = esp._open

    wait_until(lambda: connection.fileno() == -1)  # The stub closes its end when it finds ours closed.

    one.retire()


def test_a_connection_that_is_used_again_and_again_stays_open(account, esp, monkeypatch):
    monkeypatch.setattr(sender, "IDLE_S", 0.3)
    one, landed = Sender(account), []

    for number in range(1, 7):
        one.submit(make_call(account), lambda call, results: landed.append(results))
        wait_until(lambda: len(landed) == number)  # noqa: B023
        sleep(0.1)

    assert (len(esp.requests), esp.connections) == (6, 1)
    one.retire()


def test_a_retired_sender_closes_its_connections(account, esp):
    one, landed = Sender(account), []
    one.submit(make_call(account), lambda call, results: landed.append(results))
    wait_until(lambda: landed)

    one.retire()

    wait_until(lambda: not any(thread.is_alive() for thread in one._threads))
    assert not one._idle


def test_calls_carry_many_from_the_moment_at_which_the_account_says_so(account):
    """However it was edited: claims go by the account, and tell the reaper whether a key guards their messages."""
    before = sender_for(account)
    EspAccount.objects.update(batch_calls=True)  # Past `updated_at`.
    account.refresh_from_db()

    after = sender_for(account)

    assert (before.most_together, after.most_together) == (1, MAX_TOGETHER)
    assert sender_for(account) is after


def test_a_call_that_comes_too_late_is_not_made(account, esp):
    [result] = Sender(account).make(make_call(account, seconds=-1))

    assert result.result.outcome == "never_left"
    assert not esp.requests
