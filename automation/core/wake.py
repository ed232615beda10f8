"""Wake-up calls: tell a pump that there is work. Speed, not truth: a lost call costs one heartbeat, no more."""

import os
import threading
from functools import partial
from queue import SimpleQueue

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import RedisError

from automation.core.redis import client

log = structlog.get_logger(__name__)

# How long a call counts as waiting. Longer than a broker needs to deliver it; were it much longer, a call that the
# broker lost would silence its pump for that time (but for the heartbeat).
WAITING_S = 5

_calls: SimpleQueue[str] = SimpleQueue()
_caller: threading.Thread | None = None


def wake(pump: str) -> None:
    """Once this transaction has committed, call `pump` (a task's name), unless a call for it is waiting already.

    Never blocks and never raises: the call is made by a thread of its own, so a broker that is down, or slow to
    take messages, cannot hold up the request or the pump that has found work.
    """
    if settings.WAKE:
        transaction.on_commit(partial(_call_soon, pump))


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


def _call_soon(pump: str) -> None:
    global _caller
    _calls.put(pump)
    if _caller is None or not _caller.is_alive():
        _caller = threading.Thread(target=_make_calls, name="wake", daemon=True)
        _caller.start()


def _make_calls() -> None:
    while True:
        _call(_calls.get())


def _call(pump: str) -> None:
    try:
        if not client().set(_key(pump), 1, nx=True, ex=WAITING_S):
            return
    except RedisError:
        pass  # Without Redis every call is made: more than needed does no harm.
    try:
        current_app.send_task(pump)
    except (OperationalError, OSError) as error:
        log.warning("wake_failed", pump=pump, error=type(error).__name__)


def _key(pump: str) -> str:
    return f"wake:{pump}"


def _forget_caller() -> None:
    """A forked child has the parent's queue but not its thread."""
    global _caller, _calls
    _caller, _calls = None, SimpleQueue()


os.register_at_fork(after_in_child=_forget_caller)
