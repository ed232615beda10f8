"""Wake-up calls: tell a pump that there is work. Speed, not truth: a lost call costs one heartbeat, no more."""

import os
import threading
from queue import SimpleQueue
from time import monotonic, sleep

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from redis import RedisError

from automation.core.redis import client

log = structlog.get_logger(__name__)

# How long a call counts as waiting. Longer than a broker needs to deliver it; were it much longer, a call that the
# broker lost would silence its pump for that time (but for the heartbeat).
WAITING_S = 5
# Calls for one pump are this far apart, so that a stream of single rows costs a call for a few of them. Well below the
# time that pumps linger.
APART_S = 0.004


def wake(pump: str) -> None:
    """Once this transaction has committed, call `pump` (a task's name), unless a call for it is waiting already.

    Never blocks and never raises: the call is made by a thread of its own, so a broker that is down, or slow to
    take messages, cannot hold up the request or the pump that has found work.
    """
    if settings.WAKE:
        transaction.on_commit(lambda: _caller.call_soon(pump), robust=True)


def forget_wake(pump: str) -> None:
    """The pump starts now: whatever is committed from here on deserves a new call."""
    try:
        client().delete(_key(pump))
    except RedisError:
        log.info("wake_not_forgotten", pump=pump)


def is_waiting(pump: str) -> bool:
    """Has `pump` been called and not started yet?"""
    try:
        return bool(client().exists(_key(pump)))
    except RedisError:
        return False


class _Caller:
    """Makes the calls of this process in a thread of its own, each pump's one at a time."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A forked child has its parent's calls, but not the thread that makes them."""
        self._calls: SimpleQueue[str] = SimpleQueue()
        # Pumps in `_calls`. Without it, calls would pile up here for as long as the broker is down or slow.
        self._waiting: set[str] = set()
        self._thread: threading.Thread | None = None

    def call_soon(self, pump: str) -> None:
        if pump not in self._waiting:
            self._waiting.add(pump)
            self._calls.put(pump)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._make_calls, name="wake", daemon=True)
            self._thread.start()

    def _make_calls(self) -> None:
        called_at: dict[str, float] = {}
        while True:
            pump = self._calls.get()
            sleep(max(0.0, called_at.get(pump, 0.0) + APART_S - monotonic()))
            self._waiting.discard(pump)  # First, as in `pump.run`: what commits from now on needs a call of its own.
            called_at[pump] = monotonic()
            _call(pump)


def _call(pump: str) -> None:
    try:
        if not client().set(_key(pump), 1, nx=True, ex=WAITING_S):
            return
    except RedisError:
        pass  # Without Redis every call is made: more than needed does no harm.
    try:
        current_app.send_task(pump)
    except Exception as error:  # noqa: BLE001 - brokers fail in many ways, and for each the heartbeat makes up.
        log.warning("wake_failed", pump=pump, error=type(error).__name__)


def _key(pump: str) -> str:
    return f"wake:{pump}"


_caller = _Caller()
os.register_at_fork(after_in_child=_caller.forget)
