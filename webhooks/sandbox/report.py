"""A report: the webhooks about one mail, as its provider words, signs and orders them."""

import base64
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import SplitResult, unquote
from uuid import uuid4

from msgspec import Struct

from webhooks.sandbox import postmark_webhooks, resend_webhooks
from webhooks.sandbox.accounts import Account
from webhooks.sandbox.mail import Event, Mail
from webhooks.sandbox.modes import WebhookMode


class Format(Protocol):
    """What a provider's webhooks look like."""

    def payload(self, mail: Mail, recipient: str, event: Event) -> bytes: ...
    def headers(self, account: Account, *, webhook_id: str, body: bytes) -> dict[str, str]: ...


FORMATS: dict[str, Format] = {"postmark": postmark_webhooks, "resend": resend_webhooks}


class Webhook(Struct, gc=False):
    """It keeps its id and its bytes through every repeat."""

    id: str
    body: bytes


class Report(Struct, gc=False):
    """What is still to be posted about one mail, one after another. The mail itself is too large to be kept here."""

    url: SplitResult
    account: Account
    provider: str
    webhooks: list[Webhook]
    repeats: int = 0  # Of the first of them.

    def headers(self) -> dict[str, str]:
        """The headers of the next webhook, signed for now."""
        webhook = self.webhooks[0]
        headers = FORMATS[self.provider].headers(self.account, webhook_id=webhook.id, body=webhook.body)
        headers["Content-Type"] = "application/json"
        credentials = self.account.basic_auth
        if credentials is None and self.url.username is not None:
            credentials = f"{unquote(self.url.username)}:{unquote(self.url.password or '')}"
        if credentials is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        return headers


def webhooks_of(provider: str, mail: Mail, events: Iterable[tuple[str, Event]], mode: WebhookMode) -> list[Webhook]:
    """A webhook for each event, about one of the mail's addresses; in the order, and as often, as the mode says."""
    payload = FORMATS[provider].payload
    webhooks = [Webhook(f"msg_{uuid4().hex}", payload(mail, address, event)) for address, event in events]
    if mode.reorder:
        webhooks.reverse()
    if mode.duplicate:
        webhooks = [webhook for webhook in webhooks for _ in range(2)]
    return webhooks
