"""The ESP sandbox: Postmark and Resend for one machine. It takes mail, shows it, reports on it, and fails as told.

- `/<account>/postmark/email`, `…/email/batch`, `/<account>/resend/emails`, `…/emails/batch`: the providers' send APIs
- `/`, `/mails/<esp id>`: the inbox, for people
- `/journal`, `/counts`, `/mode`, `/reset`: for tests and benchmarks
"""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs

import msgspec

from webhooks.sandbox.accounts import Account, account_from
from webhooks.sandbox.http import Answer, Request, plain_error
from webhooks.sandbox.inbox import PLAYABLE, Inbox
from webhooks.sandbox.journal import Journal
from webhooks.sandbox.listener import Listener
from webhooks.sandbox.mail import Event
from webhooks.sandbox.modes import Mode, Modes, WebhookMode
from webhooks.sandbox.sends import APIS, Sends
from webhooks.sandbox.webhooks import Reporter

UNKNOWN_PATH = "Nothing here. Mail goes to /<account>/postmark/email or /<account>/resend/emails; the inbox is at /."

logger = logging.getLogger(__name__)
_read_mode = msgspec.json.Decoder(Mode).decode
_encode = msgspec.json.Encoder().encode


class Sandbox:
    """One sandbox: all its state, and what it answers. `webhooks` is a URL with `{account}` in it, or None for none."""

    def __init__(self, *, journal: Path, webhooks: str | None, environ: Mapping[str, str]) -> None:
        self.journal = Journal(journal)
        self.inbox = Inbox()
        self.modes = Modes(time.monotonic)
        self.reporter = Reporter(webhooks)
        self.sends = Sends(journal=self.journal, inbox=self.inbox, reporter=self.reporter, modes=self.modes)
        self.listener = Listener(self.answer)
        self._environ = environ
        self._accounts: dict[str, Account | None] = {}
        self._pages: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/"): self._inbox,
            ("GET", "/journal"): self._read_journal,
            ("DELETE", "/journal"): self._clear_journal,
            ("GET", "/counts"): self._counts,
            ("GET", "/mode"): self._shown_modes,
            ("POST", "/mode"): self._set_mode,
            ("POST", "/reset"): self._reset,
        }

    async def open(self, host: str, port: int) -> None:
        self.reporter.start()
        await self.listener.open(host, port)

    async def close(self) -> None:
        self.listener.close()
        await self.reporter.stop()
        self.journal.close()

    def answer(self, request: Request) -> Answer:
        match request.path.split("/", 3):
            case ["", key, provider, endpoint] if provider in APIS and endpoint in APIS[provider].ENDPOINTS:
                return self._send(request, key, provider, endpoint)
            case ["", "mails", esp_id, *play]:
                return self._mail(request, esp_id, "/".join(play))
        page = self._pages.get((request.method, request.path))
        return page(request) if page else plain_error(404, UNKNOWN_PATH)

    def _send(self, request: Request, key: str, provider: str, endpoint: str) -> Answer:
        if key not in self._accounts:
            self._accounts[key] = account_from(key, self._environ)
        account = self._accounts[key]
        if account is None:
            return plain_error(404, "An account's key has letters, digits, '-' and '_'.")
        if request.method != "POST":
            return plain_error(405, "Mail is sent by POST.")
        return self.sends.take(request, account=account, provider=provider, endpoint=endpoint)

    def _inbox(self, request: Request) -> Answer:
        return self.inbox.list_page(account=request.parameters.get("account", ""), modes=self.modes.shown())

    def _mail(self, request: Request, esp_id: str, action: str) -> Answer:
        kept = self.inbox.find(esp_id)
        if kept is None:
            return plain_error(404, "This mail is not among the last ones.")
        if (request.method, action) == ("GET", ""):
            played = request.parameters.get("played", "")
            return self.inbox.mail_page(kept, played=played, reporting=self.reporter.template is not None)
        if (request.method, action) != ("POST", "play"):
            return plain_error(405, "A mail can be read by GET, and POST /mails/<id>/play plays an event.")
        wanted = parse_qs(request.body.decode("latin-1")).get("event", [""])[0]
        if wanted not in PLAYABLE:
            return plain_error(400, f"No such event; there are: {', '.join(PLAYABLE)}.")
        if self.reporter.template is None:
            return plain_error(409, "The sandbox was started without --webhooks: there is nobody to report to.")
        events = [(address, Event(wanted)) for address in kept.mail.recipients]
        self.reporter.report(kept.account, kept.provider, kept.mail, events, WebhookMode())
        return Answer(303, headers=(("Location", f"/mails/{esp_id}?played={wanted}"),))

    def _read_journal(self, request: Request) -> Answer:
        since = request.parameters.get("since", "0")
        if not since.isdecimal():
            return plain_error(400, "`since` is a number of bytes: the Journal-Until header of the last answer.")
        lines, until = self.journal.read(since=int(since), account=request.parameters.get("account"))
        return Answer(body=lines, content_type="application/x-ndjson", headers=(("Journal-Until", str(until)),))

    def _clear_journal(self, _: Request) -> Answer:
        self.journal.clear()
        return _json({"cleared": True})

    def _counts(self, _: Request) -> Answer:
        accounts: dict[str, dict[str, int]] = {}
        for (account, outcome), count in self.journal.counts.items():
            accounts.setdefault(account, {})[outcome] = count
        reporter = self.reporter
        webhooks = {"waiting": reporter.waiting, "posted": reporter.posted, "dropped": reporter.dropped}
        return _json({"accounts": accounts, "webhooks": webhooks})

    def _shown_modes(self, _: Request) -> Answer:
        return _json({"modes": self.modes.shown()})

    def _set_mode(self, request: Request) -> Answer:
        try:
            mode = _read_mode(request.body)
        except msgspec.DecodeError as error:
            return plain_error(400, f"No such mode: {error}.")
        self.modes.set(mode)
        logger.info("Mode set: %s", mode)
        if mode.fail == "refuse_connections" and mode.seconds:
            self.listener.refuse_for(mode.seconds)
        return self._shown_modes(request)

    def _reset(self, _: Request) -> Answer:
        """Forget all mails, modes and keys. Webhooks that are under way stay so."""
        self.journal.clear()
        self.inbox.clear()
        self.modes.clear()
        self.sends.forget_keys()
        return _json({"reset": True})


def _json(value: object) -> Answer:
    return Answer(body=_encode(value))
