"""Send: hand claimed messages to one account's ESP, through Anymail, and say what came of each."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

import structlog
from django.utils import timezone

from automation.core.text import storable
from automation.delivery.account_settings import AccountMisconfigured, send_settings
from automation.delivery.claim import Claimed
from automation.delivery.email import NotFitToSend, build
from automation.delivery.errors import MAX_DETAIL, classify
from automation.delivery.http import LeanSession
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider
from templates_app.faults import RenderFailed

log = structlog.get_logger(__name__)

# Connect, read. A read time-out makes a message uncertain, so it is generous; together with the wait for a free
# thread they must stay below the lease.
TIMEOUTS_S = (5.0, 30.0)
# As the column. Longer ones are cut: a result that cannot be written down takes its whole batch with it.
MAX_ESP_ID = 255


class Result(NamedTuple):
    """One call of one claimed message, and what came of it."""

    claimed: Claimed
    result: SendResult
    began_at: datetime
    ended_at: datetime


class Sender:
    """One account's sender threads in this process. They touch no database. Each call may use any open connection."""

    def __init__(self, account: EspAccount) -> None:
        self.account = account
        self._jobs: SimpleQueue[tuple[Claimed, Callable[[Result], None]] | None] = SimpleQueue()  # None: end.
        self._threads: list[Thread] = []
        self._idle: deque[Any] = deque()  # Open backends that no call is using, the last used at the right.
        self._has_keys = Provider(account.provider) in IDEMPOTENCY_KEY_LIFE

    def submit(self, claimed: Claimed, then: Callable[[Result], None]) -> None:
        """Send in a thread, then call `then` there with the result."""
        self._jobs.put((claimed, then))
        if len(self._threads) < self.account.concurrency:
            thread = Thread(target=self._work, name=f"send-{self.account.key}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def send(self, claimed: Claimed) -> SendResult:
        """Hand over one message. Whatever the ESP, the template or the settings do has an outcome."""
        try:
            email = build(claimed.envelope)
        except (NotFitToSend, RenderFailed) as error:
            return SendResult(Outcome.REJECTED, detail=storable(f"{type(error).__name__}: {error}", limit=MAX_DETAIL))
        except Exception as error:  # noqa: BLE001  # A bug, or a version from another time. Nothing has left.
            return SendResult(Outcome.REJECTED, detail=f"It cannot be built: {type(error).__name__}")
        try:
            backend = self._idle.pop() if self._idle else open_backend(self.account)
        except Exception as error:  # noqa: BLE001  # Settings that Anymail or its provider's library will not take.
            return SendResult(Outcome.ACCOUNT, detail=_without_values(error))
        try:
            if self._has_keys:
                # The same bytes under the same key: the ESP takes them once, however often we ask.
                backend.session.headers["Idempotency-Key"] = str(claimed.claim.message_id)
            backend.send_messages([email])
        except Exception as error:  # noqa: BLE001  # Anything may have happened to the bytes: `classify` decides.
            return classify(error, at=timezone.now())
        finally:
            self._idle.append(backend)
        esp_message_id = storable(str(email.anymail_status.message_id or ""), limit=MAX_ESP_ID)
        return SendResult(Outcome.ACCEPTED, esp_message_id=esp_message_id)

    def retire(self) -> None:
        """End the threads once they have done what was submitted, and close the connections."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            claimed, then = job
            began_at = timezone.now()
            try:
                result = self.send(claimed)
            except Exception as error:  # A bug of ours. Without a result, the pump would wait for this call for ever.
                log.exception("send_failed", message=str(claimed.claim.message_id))
                result = SendResult(Outcome.UNKNOWN, detail=type(error).__name__)
            then(Result(claimed, result, began_at, timezone.now()))
        if self._idle:
            self._idle.pop().close()


_senders: dict[int, Sender] = {}


def sender_for(account: EspAccount) -> Sender:
    """This process's sender of an account; a new one when the account was edited."""
    sender = _senders.get(account.pk)
    if sender is not None and sender.account.updated_at != account.updated_at:
        sender.retire()
        sender = None
    if sender is None:
        sender = _senders[account.pk] = Sender(account)
    return sender


def open_backend(account: EspAccount) -> Any:
    """Anymail's backend for this account, with its connection kept from call to call."""
    module = import_module(f"anymail.backends.{account.provider}")
    backend = module.EmailBackend(**send_settings(account), timeout=TIMEOUTS_S)
    backend.open()
    if getattr(backend, "session", None) is not None:
        headers = backend.session.headers
        backend.session = LeanSession()
        backend.session.headers.update(headers)
    return backend


def _without_values(error: Exception) -> str:
    """Only our own words: a library's might quote a secret."""
    return str(error) if isinstance(error, AccountMisconfigured) else type(error).__name__
