"""The last mails in full, for people to look at in the browser, with buttons that play what may happen to a mail."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import minijinja
import msgspec
from msgspec import Struct

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.http import Answer
from webhooks.sandbox.mail import Event, Mail
from webhooks.sandbox.modes import Mode

# Whatever a benchmark sends through, the mails kept stay below this.
MAX_MAILS = 1_000
MAX_CHARACTERS = 32_000_000
LISTED = 200
PLAYABLE = (
    Event.DELIVERED,
    Event.OPENED,
    Event.CLICKED,
    Event.BOUNCED,
    Event.SOFT_BOUNCED,
    Event.COMPLAINED,
)
PAGES = Path(__file__).parent / "pages"
# Nothing in a mail may act on this page or on the sandbox: no scripts, no forms but our own, frames only from srcdoc.
SAFE = (
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; font-src *; form-action 'self'",
)


class Kept(Struct, gc=False):
    provider: str
    account: Account
    mail: Mail


class Inbox:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()  # By the provider's id, oldest first.
        self._characters = 0
        self._pages = minijinja.Environment(loader=lambda name: (PAGES / name).read_text())

    def keep(self, kept: Kept) -> None:
        self._kept[kept.mail.esp_id] = kept
        self._characters += kept.mail.size
        while len(self._kept) > MAX_MAILS or self._characters > MAX_CHARACTERS:
            _, oldest = self._kept.popitem(last=False)
            self._characters -= oldest.mail.size

    def find(self, esp_id: str) -> Kept | None:
        return self._kept.get(esp_id)

    def clear(self) -> None:
        self._kept.clear()
        self._characters = 0

    def list_page(self, *, account: str, modes: Sequence[Mode]) -> Answer:
        """The newest mails first, of one account if it is not ''."""
        told = [msgspec.json.encode(mode).decode() for mode in modes]
        newest = [kept for kept in reversed(self._kept.values()) if account in ("", kept.account.key)]
        mails = [_shown(kept) for kept in newest[:LISTED]]
        return self._page("inbox.html", account=account, mails=mails, modes=told)

    def mail_page(self, kept: Kept, *, played: str, reporting: bool) -> Answer:
        mail = kept.mail
        return self._page(
            "mail.html",
            **_shown(kept),
            headers=mail.headers,
            html=mail.html,
            text=mail.text,
            events=[event.value for event in PLAYABLE] if reporting else [],
            played=played,
        )

    def _page(self, name: str, **values: object) -> Answer:
        page = self._pages.render_template(name, **values)
        return Answer(body=page.encode(), content_type="text/html; charset=utf-8", headers=(SAFE,))


def _shown(kept: Kept) -> dict[str, object]:
    mail = kept.mail
    return {
        "at": mail.accepted_at[:19].replace("T", " "),
        "provider": kept.provider,
        "account": kept.account.key,
        "esp_id": mail.esp_id,
        "our_id": mail.our_id,
        "sender": mail.sender,
        "to": ", ".join(mail.to),
        "subject": mail.subject,
        "tags": mail.tags,
    }
