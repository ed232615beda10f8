"""Wake-up calls: made once, after the commit, and never in anybody's way."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from celery import Celery, current_app
from django.db import transaction

from automation.core import pump
from automation.core import wake as wake_module
from automation.core.redis import client
from automation.core.wake import APART_S, WAITING_S, forget_wake, is_waiting, wake
from tests.automation.conftest import free_port

REACT, ADVANCE = "automation.react", "automation.advance"

commits = pytest.mark.django_db(transaction=True)


class Broker:
    """The real one. No worker takes anything from it while a test runs."""

    def __init__(self):
        self._connection = current_app.connection_for_write()
        self._channel = self._connection.default_channel
        for queue in current_app.amqp.queues.values():
            queue(self._channel).declare()
            queue(self._channel).purge()

    def calls(self, queue):
        return current_app.amqp.queues[queue](self._channel).queue_declare().message_count

    def wait_for_call(self, queue):
        give_up = time.monotonic() + 5
        while not self.calls(queue):
            assert time.monotonic() < give_up, f"nobody called {queue}"
            time.sleep(0.005)

    def calls_after_all_are_made(self, queue):
        """Calls are made in order, so one more of another pump shows when those before it are done."""
        wake_module._caller.call_soon(ADVANCE)
        self.wait_for_call("advance")
        return self.calls(queue)

    def close(self):
        self._connection.release()


class Calls:
    """Stands before `_call`, so that no call of one test is made in the next."""

    def __init__(self, make):
        self._make, self._under_way, self._open = make, threading.Lock(), True

    def __call__(self, name):
        with self._under_way:
            if self._open:
                self._make(name)

    def end(self):
        with self._under_way:
            self._open = False

    def wait_for_the_one_under_way(self):
        with self._under_way:
            pass


@pytest.fixture
def calls(monkeypatch):
    calls = Calls(wake_module._call)
    monkeypatch.setattr(wake_module, "_call", calls)
    wake_module._caller.forget()
    yield calls
    time.sleep(2 * APART_S)  # Its last call may be waiting until it is far enough from the one before.
    calls.end()


@pytest.fixture
def broker(settings, calls):
    settings.WAKE = True
    client().delete(f"wake:{REACT}", f"wake:{ADVANCE}")
    broker = Broker()
    yield broker
    broker.close()


def broker_at(monkeypatch, url):
    app = Celery("elsewhere", broker=url, set_as_current=False)
    app.conf.update(task_publish_retry=False, broker_connection_timeout=1.0)
    monkeypatch.setattr(wake_module, "current_app", app)


def seconds_of(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def commit_with_wake():
    with transaction.atomic():
        wake(REACT)


def call():
    """What a commit does."""
    wake_module._caller.call_soon(REACT)


@transaction.atomic
def fail_after_wake():
    wake(REACT)
    raise ZeroDivisionError


# --- When a call is made ----------------------------------------------------------------------------------------------


@commits
def test_a_commit_calls_the_pump(broker):
    commit_with_wake()

    broker.wait_for_call("react")
    assert broker.calls_after_all_are_made("react") == 1


def test_many_commits_call_a_pump_once_until_it_starts(broker):
    for _ in range(20):
        call()

    assert broker.calls_after_all_are_made("react") == 1
    assert is_waiting(REACT)


@commits
def test_nothing_is_called_before_the_commit(broker):
    with transaction.atomic():
        wake(REACT)
        assert broker.calls_after_all_are_made("react") == 0


@commits
def test_a_rollback_calls_nobody(broker):
    with pytest.raises(ZeroDivisionError):
        fail_after_wake()

    assert broker.calls_after_all_are_made("react") == 0
    assert not is_waiting(REACT)


@commits
def test_outside_of_a_transaction_the_call_is_made_at_once(broker):
    wake(REACT)

    broker.wait_for_call("react")


def test_what_is_committed_once_the_pump_has_started_calls_it_anew(broker):
    call()
    broker.wait_for_call("react")

    forget_wake(REACT)
    call()

    assert broker.calls_after_all_are_made("react") == 2


def test_a_pump_that_starts_forgets_its_call_before_it_looks_for_work(broker):
    call()
    broker.wait_for_call("react")
    found_waiting = []

    pump.run(REACT, lambda: found_waiting.append(is_waiting(REACT)) or 0, budget=timedelta(seconds=1))

    assert found_waiting == [False]


def test_a_call_that_the_broker_loses_silences_its_pump_for_seconds_at_most(broker):
    call()
    broker.wait_for_call("react")

    assert 0 < client().pttl(f"wake:{REACT}") <= WAITING_S * 1000


@commits
def test_switched_off_nobody_is_called(broker, settings):
    settings.WAKE = False
    commit_with_wake()
    settings.WAKE = True

    assert broker.calls_after_all_are_made("react") == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Celery forks its workers, whatever Python says.
def test_a_forked_process_makes_its_own_calls(broker, calls):
    wake_module._caller.call_soon(ADVANCE)  # So that the parent's thread exists.
    broker.wait_for_call("advance")
    calls.wait_for_the_one_under_way()
    wake_module._caller._waiting.add(REACT)  # As if the fork came just when the parent's thread takes this call.

    child = os.fork()
    if child == 0:
        call()
        time.sleep(10)
        os._exit(0)
    try:
        broker.wait_for_call("react")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert broker.calls("react") == 1


# --- Unhappy paths ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_down_holds_up_nobody(broker, monkeypatch, scheme):
    broker_at(monkeypatch, f"{scheme}://127.0.0.1:{free_port()}//")

    assert seconds_of(lambda: [call() for _ in range(10)]) < 0.5


def test_a_broker_that_does_not_answer_holds_up_nobody(broker, monkeypatch, deaf_port):
    broker_at(monkeypatch, f"amqp://127.0.0.1:{deaf_port}//")

    assert seconds_of(lambda: [call() for _ in range(10)]) < 0.5


def test_while_the_broker_is_slow_calls_do_not_pile_up(broker, monkeypatch, deaf_port, redis_away):
    broker_at(monkeypatch, f"amqp://127.0.0.1:{deaf_port}//")

    for _ in range(1_000):
        call()

    assert wake_module._caller._calls.qsize() <= 1


def test_after_a_broker_that_failed_calls_are_made_again(broker, monkeypatch):
    with monkeypatch.context() as patched:
        broker_at(patched, f"redis://127.0.0.1:{free_port()}/0")
        call()
        give_up = time.monotonic() + 5
        while not is_waiting(REACT) and time.monotonic() < give_up:
            time.sleep(0.01)
    forget_wake(REACT)

    call()

    broker.wait_for_call("react")


def test_without_redis_calls_are_made_all_the_same(broker, redis_away):
    call()

    broker.wait_for_call("react")
    assert not is_waiting(REACT)
    forget_wake(REACT)


@commits
def test_a_caller_that_cannot_start_harms_nobody(broker, monkeypatch):
    def no_more_threads(*args, **kwargs):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(wake_module.threading, "Thread", no_more_threads)
        commit_with_wake()

    commit_with_wake()

    broker.wait_for_call("react")
