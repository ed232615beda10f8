"""What a run holds of an account: no more than goes out soon, and nothing that it cannot let go of."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import calls as calls_module
from automation.delivery import deliver as deliver_module
from automation.delivery import marks, pace
from automation.delivery import window as window_module
from automation.delivery.calls import MAX_IN_BATCHES, Calls
from automation.delivery.claim import claim
from automation.delivery.deliver import deliver
from automation.models import Attempt, Message
from tests.automation.delivery.stub_esp import StubEsp, answer, silence
from tests.factories import make_account, make_message, make_sender, make_template
from tests.outside import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]

IMPORT = "import django; django.setup(); import automation.delivery.window"


@pytest.fixture(autouse=True)
def full_buckets():
    client().flushdb()


@pytest.fixture
def stub():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def account_at_stub(stub, monkeypatch):
    monkeypatch.setenv("ESP_TEST", '{"server_token": "t"}')
    return partial(make_account, api_url=stub.url)


def run(seconds=1.0):
    return deliver(lane=Lane.TRANSACTIONAL, budget=timedelta(seconds=seconds))


def run_apart(seconds):
    try:
        run(seconds)
    finally:
        connection.close()


def make_messages(account, count):
    shared = {"sender": make_sender(account), "template": make_template()}
    return [make_message(account=account, **shared) for _ in range(count)]


def statuses():
    return Counter(Message.objects.values_list("status", flat=True))


def test_a_run_stays_for_what_is_queued_soon_after(stub, account_at_stub, monkeypatch):
    account = account_at_stub()
    second = make_messages(account, 2)[1]
    Message.objects.filter(pk=second.pk).update(status="held")
    looks = []

    def look(**asked):
        found = claim(**asked)
        looks.append(found[0])
        if looks == [1, 0]:  # The first look that found nothing: now there is something.
            Message.objects.filter(pk=second.pk).update(status="queued")
        return found

    monkeypatch.setattr(window_module, "claim", look)
    monkeypatch.setattr(window_module, "STAY_S", 10.0)

    assert run(0.5) == 2
    assert sum(looks) == 2


def test_a_lease_that_no_call_fits_into_is_refused_at_the_start():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env={**os.environ, "DELIVERY_LEASE_S": "40"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "DELIVERY_LEASE_S must be over 40" in done.stderr


@pytest.mark.parametrize("batch_calls", [False, True])
def test_the_first_429_stops_the_account_at_once(esp, account_at, batch_calls):
    esp.set_mode(fail="429", retry_after=300)
    account = account_at(concurrency=2, batch_calls=batch_calls)
    make_messages(account, 300)

    run()

    assert len(esp.journal()) <= (2 if not batch_calls else 2 * 50)
    assert statuses() == {"queued": 300}
    assert pace.take(account, Lane.TRANSACTIONAL, 1).tokens == 0


def test_what_a_refused_account_has_not_begun_is_queued_again_at_once(esp, account_at):
    esp.set_mode(fail="401")
    make_messages(account_at(concurrency=1), 30)

    run()

    assert statuses() == {"queued": 30}
    assert len(esp.journal()) == 1


def test_no_more_is_claimed_of_a_slow_esp_than_goes_out_soon(esp, account_at):
    esp.set_mode(latency_ms=200)
    make_messages(account_at(concurrency=2), 100)

    sent = run(seconds=1.0)

    assert 6 <= sent <= 20
    assert Message.objects.filter(fence__gt=0).count() <= sent + 3


@pytest.mark.parametrize(
    ("fields", "room"),
    [
        ({"concurrency": 5}, 5),
        ({"concurrency": 300}, 100),
        ({"concurrency": 1, "batch_calls": True}, 50),
        ({"concurrency": 1, "batch_calls": True, "provider": "sendgrid"}, 1),
    ],
)
def test_at_first_as_much_is_claimed_as_can_be_in_flight(fields, room):
    assert Calls(make_account(**fields), lambda call, results: None).room == room


def test_calls_that_carry_many_are_fewer_so_that_a_dead_worker_leaves_few_messages_uncertain(account_at_stub, stub):
    stub.answers = [silence]
    account = account_at_stub(concurrency=64, batch_calls=True)
    make_messages(account, MAX_IN_BATCHES + 100)
    calls = Calls(account, lambda call, results: None)

    while limit := calls.room:
        calls.add(claim(account=account, lane=Lane.TRANSACTIONAL, limit=limit, epoch=marks.epoch()).claimed)
        calls.begin_if_worth_it()

    assert statuses()["sending"] == MAX_IN_BATCHES


@pytest.fixture
def quick_calls(account_at_stub, stub):
    """Calls of an account with two threads whose latest call was accepted at once, with 10 messages more to send."""
    landed = SimpleQueue()
    account = account_at_stub(concurrency=2)
    make_messages(account, 11)
    calls = Calls(account, lambda *landing: landed.put(landing))
    calls.add(claim(account=account, lane=Lane.TRANSACTIONAL, limit=1, epoch=marks.epoch()).claimed)
    calls.begin_if_worth_it()
    assert calls.land(*landed.get(timeout=10))
    stub.answers = [silence]
    calls.add(claim(account=account, lane=Lane.TRANSACTIONAL, limit=10, epoch=marks.epoch()).claimed)
    return calls


def test_while_calls_are_accepted_quickly_each_thread_has_its_next_one_waiting(quick_calls, stub):
    quick_calls.begin_if_worth_it()

    assert len(quick_calls._under_way) == 4
    wait_until(lambda: len(stub.requests) == 3)


def test_a_call_that_waits_for_its_thread_can_be_withdrawn_and_one_that_is_made_cannot(quick_calls, stub):
    quick_calls.begin_if_worth_it()
    wait_until(lambda: len(stub.requests) == 3)

    assert quick_calls.hand_back() == 8

    assert len(quick_calls._under_way) == 2
    assert statuses() == {"sending": 3, "queued": 8}  # Nobody has settled the first.
    assert len(client().keys("mark:*")) == 3


def test_what_waits_behind_threads_that_hang_is_not_taken_for_sent(quick_calls, stub, monkeypatch):
    quick_calls.begin_if_worth_it()
    wait_until(lambda: len(stub.requests) == 3)
    monkeypatch.setattr(calls_module, "OVERDUE_S", 0.0)

    given_up = quick_calls.give_up_overdue()

    assert [results[0].result.outcome for _, results in given_up] == ["unknown", "unknown"]
    assert statuses()["queued"] == 2


def test_a_thread_that_is_free_works_although_all_others_hang(esp, account_at):
    esp.set_mode(latency_ms=3000, count=3)
    make_messages(account_at(concurrency=4), 40)
    began = monotonic()

    run(seconds=0.5)

    assert monotonic() - began < 5
    assert len(esp.journal()) == 40, "the free thread waited for the others"


@pytest.mark.django_db(transaction=True)
def test_while_one_account_hangs_the_others_go_on(esp, account_at, account_at_stub, stub):
    """Also with what becomes due only then."""
    stub.answers = [silence]
    make_messages(account_at_stub(concurrency=1), 3)
    other = account_at()
    make_messages(other, 1)
    running = Thread(target=run_apart, args=[0.2])
    running.start()
    wait_until(lambda: len(esp.journal()) == 1)
    sleep(0.5)

    make_messages(other, 1)

    wait_until(lambda: len(esp.journal()) == 2, seconds=5)
    assert running.is_alive(), "the first account's call had to hang all along"
    assert len(stub.requests) == 1
    stub.hang_up()
    running.join()


def test_a_worker_that_is_asked_to_stop_takes_no_further_turn(esp, account_at, account_at_stub, stub, monkeypatch):
    monkeypatch.setattr(deliver_module, "is_stopping", lambda: True)
    monkeypatch.setattr(calls_module, "OVERDUE_S", 1.5)
    stub.answers = [silence]
    make_messages(account_at_stub(concurrency=1), 1)
    make_messages(account_at(rate_limit=1.0, burst=1), 3)  # Goes on for as long as it may.

    run(seconds=0.2)

    assert len(esp.journal()) == 1


def test_at_its_end_a_run_hands_back_what_it_has_not_begun(esp, account_at, monkeypatch):
    """So a worker that is asked to stop waits for the calls under way and for nothing else."""
    monkeypatch.setattr(deliver_module, "DRAIN_S", 0.2)
    esp.set_mode(latency_ms=2000)
    make_messages(account_at(concurrency=2), 30)
    began = monotonic()

    sent = run(seconds=0.1)

    assert monotonic() - began < 4
    assert (sent, statuses()) == (2, {"sent": 2, "queued": 28})
    assert Message.objects.filter(status="queued", lease_until__isnull=False).count() == 0


def test_a_call_that_never_comes_back_is_given_up_as_unknown(account_at_stub, stub, monkeypatch):
    monkeypatch.setattr(calls_module, "OVERDUE_S", 0.3)
    stub.answers = [silence, answer()]
    make_messages(account_at_stub(concurrency=1), 2)
    began = monotonic()

    assert run() == 2

    assert monotonic() - began < 5
    assert statuses() == {"uncertain": 1, "sent": 1}, "the hanging thread was all that the account had"
    assert Attempt.objects.get(outcome="unknown").detail == "The call did not come back."


def test_an_error_of_the_pump_waits_no_longer_than_for_the_calls_under_way(account_at_stub, stub, monkeypatch):
    monkeypatch.setattr(calls_module, "OVERDUE_S", 0.5)
    monkeypatch.setattr(deliver_module.Window, "settle_if_due", stumble_once(deliver_module.Window.settle_if_due))
    stub.answers = [silence]
    make_messages(account_at_stub(concurrency=1), 5)
    began = monotonic()

    with pytest.raises(ZeroDivisionError):
        run()

    assert monotonic() - began < 5
    assert statuses() == {"uncertain": 1, "queued": 4}


def stumble_once(settle_if_due):
    stumbled = []

    def act(window):
        if not stumbled:
            stumbled.append(True)
            raise ZeroDivisionError
        settle_if_due(window)

    return act
