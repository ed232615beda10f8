"""What happened to accepted mails, told to Signalpost as the provider would: webhooks, signed, in order, repeated.

This may lag but never holds up the send API: what is still to be told waits in a bounded queue.
"""

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.client import NO_ANSWER, Client
from webhooks.sandbox.mail import Event, Mail, events_for
from webhooks.sandbox.modes import WebhookMode
from webhooks.sandbox.report import Report, Webhook, webhooks_of

logger = logging.getLogger(__name__)

CONNECTIONS = 4
# A report takes about 1.5 kB, so this is 75 MB. When Signalpost lags behind by so much, further reports are dropped.
MAX_WAITING = 50_000
# Seconds before a webhook that was answered by no 2xx is repeated. The providers go on for hours.
BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0)
# Seconds between attempts while nobody answers at all. Much shorter, and a receiver that is down costs CPU.
RECONNECT = 0.5


class Reporter:
    """Posts to `template`, a URL in which `{account}` stands for the account's key. Without one it reports nothing."""

    def __init__(self, template: str | None) -> None:
        self.template = template
        self.waiting = 0  # Reports that are queued, delayed or under way.
        self.posted = 0  # Webhooks answered by 2xx.
        self.dropped = 0  # Webhooks given up.
        self._reachable = True
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
        webhooks = webhooks_of(provider, mail, events, mode)
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
            status = await self._answer_to(report, client)
            taken = 200 <= status < 300
            if not taken and report.repeats < len(BACKOFF):
                self._queue_in(BACKOFF[report.repeats], report)
                report.repeats += 1
                return
            if taken:
                self.posted += 1
            else:
                self._drop(report.webhooks[:1], f"it was answered by {status}")
            report.webhooks.pop(0)
            report.repeats = 0
        self.waiting -= 1

    async def _answer_to(self, report: Report, client: Client) -> int:
        """Post the report's next webhook until somebody answers: while nobody does, no other could be posted either."""
        while True:
            try:
                status = await client.post(report.url, report.headers(), report.webhooks[0].body)
            except NO_ANSWER as error:
                if self._reachable:
                    logger.warning("No answer from %s: %r", report.url.hostname, error)
                self._reachable = False
                await asyncio.sleep(RECONNECT)
            else:
                self._reachable = True
                return status

    def _drop(self, webhooks: list[Webhook], reason: str) -> None:
        if not self.dropped:
            logger.warning("A webhook was given up (%s). Any more are only counted: see /counts.", reason)
        self.dropped += len(webhooks)
