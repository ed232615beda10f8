"""What happened to accepted mails, told to Signalpost as the provider would: webhooks, signed, in order, repeated.

This may lag but never holds up the send API: what is still to be told waits in a bounded queue.
"""

import asyncio
import base64
import logging
import uuid
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from webhooks.sandbox import postmark_webhooks, resend_webhooks
from webhooks.sandbox.accounts import Account
from webhooks.sandbox.client import NO_ANSWER, Client
from webhooks.sandbox.mail import Event, Mail, events_for
from webhooks.sandbox.modes import WebhookMode

logger = logging.getLogger(__name__)

CONNECTIONS = 4
# A report takes about 1.5 kB, so this is 75 MB. When Signalpost lags behind by so much, further reports are dropped.
MAX_WAITING = 50_000
# Seconds before each repeat. The providers repeat for hours; here a receiver that was restarted should hear soon.
BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0)


class Format(Protocol):
    """What a provider's webhooks look like."""

    def payload(self, mail: Mail, recipient: str, event: Event) -> bytes: ...
    def headers(self, account: Account, *, webhook_id: str, body: bytes) -> dict[str, str]: ...


FORMATS: dict[str, Format] = {"postmark": postmark_webhooks, "resend": resend_webhooks}


class Webhook(Struct, gc=False):
    """One webhook to be posted. It keeps its id and its bytes through every repeat."""

    id: str
    body: bytes


class Report(Struct, gc=False):
    """The webhooks about one mail that are still to be posted, one after another."""

    url: SplitResult
    account: Account
    provider: str
    webhooks: list[Webhook]
    repeats: int = 0


class Reporter:
    """Posts to `template`, a URL in which `{account}` stands for the account's key. Without one it reports nothing."""

    def __init__(self, template: str | None) -> None:
        self.template = template
        self.waiting = 0  # Reports that are queued, delayed or under way.
        self.posted = 0  # Webhooks answered by 2xx.
        self.dropped = 0  # Webhooks given up.
        self._queue: asyncio.Queue[Report] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        if self.template is not None:
            self._tasks = [asyncio.create_task(self._work()) for _ in range(CONNECTIONS)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def accepted(self, account: Account, provider: str, mail: Mail, mode: WebhookMode) -> None:
        """Report of a newly accepted mail what its addresses ask for."""
        if mode.drop:
            return
        first = (Event.SENT,) if provider == "resend" else ()
        events = ((address, event) for address in mail.recipients for event in (*first, *events_for(address)))
        self.report(account, provider, mail, events, mode)

    def report(
        self, account: Account, provider: str, mail: Mail, events: Iterable[tuple[str, Event]], mode: WebhookMode
    ) -> None:
        """Report these events of a mail, each about one of its addresses."""
        if self.template is None:
            return
        payload = FORMATS[provider].payload
        webhooks = [Webhook(f"msg_{uuid.uuid4().hex}", payload(mail, address, event)) for address, event in events]
        if mode.reorder:
            webhooks.reverse()
        if mode.duplicate:
            webhooks = [webhook for webhook in webhooks for _ in range(2)]
        if self.waiting < MAX_WAITING:
            self.waiting += 1
            url = urlsplit(self.template.replace("{account}", account.key))
            self._queue_in(mode.delay_ms / 1000, Report(url, account, provider, webhooks))
        else:
            self._drop(webhooks, "too many are waiting")

    def _queue_in(self, seconds: float, report: Report) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._queue.put_nowait, report)
        else:
            self._queue.put_nowait(report)

    async def _work(self) -> None:
        client = Client()
        try:
            while True:
                await self._post(client, await self._queue.get())
        finally:
            client.close()

    async def _post(self, client: Client, report: Report) -> None:
        while report.webhooks:
            trouble = await self._post_one(client, report, report.webhooks[0])
            if trouble and report.repeats < len(BACKOFF):
                self._queue_in(BACKOFF[report.repeats], report)
                report.repeats += 1
                return
            if trouble:
                self._drop(report.webhooks[:1], trouble)
            else:
                self.posted += 1
            report.webhooks.pop(0)
            report.repeats = 0
        self.waiting -= 1

    async def _post_one(self, client: Client, report: Report, webhook: Webhook) -> str | None:
        """Returns what went wrong, if anything."""
        try:
            status = await client.post(report.url, _headers(report, webhook), webhook.body)
        except NO_ANSWER as error:
            return f"{type(error).__name__}: {error}"
        return None if 200 <= status < 300 else f"status {status}"

    def _drop(self, webhooks: list[Webhook], reason: str) -> None:
        if not self.dropped:
            logger.warning("A webhook was given up (%s). Any more are only counted: see /counts.", reason)
        self.dropped += len(webhooks)


def _headers(report: Report, webhook: Webhook) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    credentials = report.account.basic_auth
    if credentials is None and report.url.username is not None:
        credentials = f"{unquote(report.url.username)}:{unquote(report.url.password or '')}"
    if credentials is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    return headers | FORMATS[report.provider].headers(report.account, webhook_id=webhook.id, body=webhook.body)
