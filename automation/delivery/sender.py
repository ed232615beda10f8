"""Senders: the threads of this process in which calls are made, and the connections that they keep."""

from collections import deque
from collections.abc import Callable
from importlib import import_module
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import structlog
from django.utils import timezone

from automation.delivery.account_settings import AccountMisconfigured, send_settings
from automation.delivery.batch import most_together
from automation.delivery.http import IDLE_S, LeanSession
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.payload import make_lean
from automation.delivery.send import TIMEOUTS_S, Call, Result, results_for, send_alone
from automation.delivery.send_together import send_together

log = structlog.get_logger(__name__)

_TOO_LATE = SendResult(Outcome.NEVER_LEFT, detail="No thread was free in time.", untried=True)

Then = Callable[[Call, list[Result]], None]


class Sender:
    """One account's sender threads in this process. They touch no database. Each call may use any open connection."""

    def __init__(self, account: EspAccount) -> None:
        self.account = account
        self.most_together = most_together(account)
        self._calls: SimpleQueue[tuple[Call, Then] | None] = SimpleQueue()  # None: end.
        self._threads: list[Thread] = []
        # Open backends that no call is using, and since when; the last used at the right.
        self._idle: deque[tuple[Any, float]] = deque()

    def submit(self, call: Call, then: Then) -> None:
        """Make the call in a thread, then call `then` there with the results, one for each of its messages.

        Neither happens if somebody else takes the call before a thread is free for it.
        """
        self._calls.put((call, then))
        if len(self._threads) < self.account.concurrency:
            thread = Thread(target=self._work, name=f"send-{self.account.key}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def make(self, call: Call) -> list[Result]:
        """Make the call here and now."""
        began_at = timezone.now()
        if monotonic() > call.begin_by:
            return results_for(call, _TOO_LATE, began_at=began_at)
        try:
            backend = self._take()
        except Exception as error:  # noqa: BLE001  # Settings that Anymail or its provider's library will not take.
            return results_for(call, SendResult(Outcome.ACCOUNT, detail=_without_values(error)), began_at=began_at)
        try:
            if len(call.messages) > 1:
                return send_together(call, self.account, backend)
            return [send_alone(call.messages[0], self.account, backend)]
        finally:
            self._idle.append((backend, monotonic()))

    def retire(self) -> None:
        """End the threads once they have done what was submitted, and close the connections."""
        for _ in self._threads:
            self._calls.put(None)

    def close_idle(self, *, idle_s: float) -> None:
        """Close the connections that no call has used for so long."""
        while self._idle:
            backend, since = self._idle.popleft()
            if monotonic() - since < idle_s:
                self._idle.appendleft((backend, since))
                return
            backend.close()

    def _take(self) -> Any:
        try:
            return self._idle.pop()[0]
        except IndexError:
            return open_backend(self.account)

    def _work(self) -> None:
        while True:
            try:
                submitted = self._calls.get(timeout=IDLE_S / 4)
            except Empty:
                self.close_idle(idle_s=IDLE_S)
                continue
            if submitted is None:
                break
            call, then = submitted
            if call.take():
                then(call, self._make_whatever_comes(call))
        self.close_idle(idle_s=0)

    def _make_whatever_comes(self, call: Call) -> list[Result]:
        began_at = timezone.now()
        try:
            return self.make(call)
        except Exception as error:  # A bug of ours. Without a result, the pump would wait for this call in vain.
            log.exception("send_failed", messages=[str(one.claim.message_id) for one in call.messages])
            return results_for(call, SendResult(Outcome.UNKNOWN, detail=type(error).__name__), began_at=began_at)


_senders: dict[int, Sender] = {}


def sender_for(account: EspAccount) -> Sender:
    """This process's sender of an account; a new one when the account was edited.

    Whether calls carry many is compared by itself: a claim tells the reaper of it, so the two must never differ.
    """
    sender = _senders.get(account.pk)
    known = sender and (sender.account.updated_at, sender.most_together)
    if sender is not None and known != (account.updated_at, most_together(account)):
        discard(sender)
        sender = None
    if sender is None:
        sender = _senders[account.pk] = Sender(account)
    return sender


def discard(sender: Sender) -> None:
    """The next one who asks for this account's sender gets a new one."""
    sender.retire()
    if _senders.get(sender.account.pk) is sender:
        del _senders[sender.account.pk]


def open_backend(account: EspAccount) -> Any:
    """Anymail's backend for this account, with its connection kept from call to call."""
    module = import_module(f"anymail.backends.{account.provider}")
    backend = module.EmailBackend(**send_settings(account, timeouts_s=TIMEOUTS_S))
    backend.open()
    if getattr(backend, "session", None) is not None:
        headers = backend.session.headers
        backend.session = LeanSession()
        backend.session.headers.update(headers)
    make_lean(backend, account.provider)
    return backend


def _without_values(error: Exception) -> str:
    """Only our own words: a library's might quote a secret."""
    return str(error) if isinstance(error, AccountMisconfigured) else type(error).__name__
