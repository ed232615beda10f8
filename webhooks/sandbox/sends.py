"""One send request, from the provider's API to all that comes of it: journal, inbox, webhooks and the answer."""

import time
import uuid
from typing import Protocol

from msgspec import Struct

from webhooks.sandbox import postmark, resend
from webhooks.sandbox.accounts import Account
from webhooks.sandbox.clock import now_iso
from webhooks.sandbox.http import Answer, Request
from webhooks.sandbox.idempotency import Idempotency, Taken, digest
from webhooks.sandbox.inbox import Inbox, Kept
from webhooks.sandbox.journal import Entry, Journal, Outcome
from webhooks.sandbox.mail import Mail, Submission
from webhooks.sandbox.modes import Mode, Modes
from webhooks.sandbox.webhooks import Reporter


class Api(Protocol):
    """A provider's send API: its endpoints, what it makes of a request, and how it answers one that was taken."""

    ENDPOINTS: dict[str, bool]  # Whether it takes a batch.

    def read(self, request: Request, *, batch: bool, account: Account) -> Submission: ...
    def answer(self, submission: Submission, shown: int | None = None) -> Answer: ...
    def fault(self, status: int) -> Answer: ...


APIS: dict[str, Api] = {"postmark": postmark, "resend": resend}
FAILED = {401: Outcome.REJECTED, 429: Outcome.THROTTLED}  # By status; any other failure is an error.
UNREADABLE = Mail(sender="", recipients=[], subject="", html="", text="", headers=[], our_id=None, tags={})


class Send(Struct, gc=False):
    """One request on its way through."""

    account: Account
    provider: str
    endpoint: str
    body: bytes
    submission: Submission
    mode: Mode

    @property
    def scope(self) -> tuple[str, str, str] | None:
        """What an idempotency key is unique within; None if the request has no key."""
        key = self.submission.idempotency_key
        return None if key is None else (self.account.key, self.endpoint, key)


class Sends:
    """The send APIs of all providers and accounts."""

    def __init__(self, *, journal: Journal, inbox: Inbox, reporter: Reporter, modes: Modes) -> None:
        self._journal = journal
        self._inbox = inbox
        self._reporter = reporter
        self._modes = modes
        self._idempotency = Idempotency(time.monotonic)

    def forget_keys(self) -> None:
        self._idempotency.clear()

    def take(self, request: Request, *, account: Account, provider: str, endpoint: str) -> Answer:
        """Do what the request asks, as far as the account's mode lets it.

        Journal lines are written first: should that fail, nothing was accepted.
        """
        api = APIS[provider]
        submission = api.read(request, batch=api.ENDPOINTS[endpoint], account=account)
        mode = self._modes.meet(account.key)
        send = Send(account, provider, endpoint, request.body, submission, mode)
        if not mode.accepts:
            self._note(send, FAILED.get(mode.status or 0, Outcome.ERROR))
            return mode.spoil(api.fault(mode.status or 500))
        if submission.refusal:
            self._note(send, Outcome.REJECTED)
            return mode.spoil(submission.refusal)
        taken = self._idempotency.recall(send.scope)
        if taken is None:
            self._accept(send)
        elif refusal := self._repeat(send, taken):
            return mode.spoil(refusal)
        failed = mode.fail == "500_after_accept"
        return mode.spoil(api.fault(500) if failed else api.answer(submission, mode.partial_batch))

    def _accept(self, send: Send) -> None:
        mails = send.submission.mails
        at = now_iso()
        for mail in mails:
            if not mail.refusal:
                mail.esp_id, mail.accepted_at = str(uuid.uuid4()), at
        self._note(send, at=at)
        self._idempotency.remember(
            send.scope, body=send.body, esp_ids=[mail.esp_id for mail in mails], answered_in=send.mode.latency_ms / 1000
        )
        for mail in mails:
            if mail.esp_id:
                self._inbox.keep(Kept(send.provider, send.account, mail))
                self._reporter.accepted(send.account, send.provider, mail, send.mode.webhooks)

    def _repeat(self, send: Send, taken: Taken) -> Answer | None:
        """The key was taken before: the same request is answered as it was then, another one is refused."""
        if taken.digest != digest(send.body):
            refusal = resend.payload_conflict()
        elif self._idempotency.in_progress(taken):
            refusal = resend.still_in_progress()
        else:
            for mail, esp_id in zip(send.submission.mails, taken.esp_ids, strict=True):
                mail.esp_id = esp_id
            self._note(send, Outcome.DUPLICATE)
            return None
        self._note(send, Outcome.REJECTED)
        return refusal

    def _note(self, send: Send, outcome: Outcome | None = None, *, at: str | None = None) -> None:
        """Write a line for each mail, with this outcome or its own. What cannot be read as mails leaves one, too."""
        at = at or now_iso()
        self._journal.write(
            [
                Entry(
                    at=at,
                    provider=send.provider,
                    account=send.account.key,
                    to=", ".join(mail.recipients),
                    subject=mail.subject,
                    our_id=mail.our_id,
                    esp_id=mail.esp_id,
                    outcome=outcome or _outcome(send, index),
                )
                for index, mail in enumerate(send.submission.mails or [UNREADABLE])
            ]
        )


def _outcome(send: Send, index: int) -> Outcome:
    """What became of one mail of a request that was taken."""
    if send.submission.mails[index].refusal:
        return Outcome.REJECTED
    shown = send.mode.partial_batch if send.submission.batch else None
    unanswered = send.mode.fail is not None or (shown is not None and index >= shown)
    return Outcome.ACCEPTED_UNANSWERED if unanswered else Outcome.ACCEPTED
