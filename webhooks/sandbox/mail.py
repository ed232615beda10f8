"""A mail as the sandbox knows it, whichever provider's API it came in by, and what its addresses ask to be played."""

import re
from email.utils import getaddresses
from enum import StrEnum
from html import unescape

from msgspec import Struct, field

from webhooks.sandbox.http import Answer

OUR_ID_KEY = "message_id"  # Where, in a provider's metadata, our own opaque message id travels.
ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")
ASKED = re.compile(r"(bounce|soft|complain|open|click|refuse)(?![a-z])")
HREF = re.compile(r"""href=["'](https?://[^"']+)""")
URL = re.compile(r"(https?://\S+)")


class Event(StrEnum):
    """What a provider may report about a mail it has accepted."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SOFT_BOUNCED = "soft_bounced"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"


PLAYED = {
    "bounce": (Event.BOUNCED,),
    "soft": (Event.SOFT_BOUNCED,),
    "complain": (Event.DELIVERED, Event.COMPLAINED),
    "open": (Event.DELIVERED, Event.OPENED),
    "click": (Event.DELIVERED, Event.OPENED, Event.CLICKED),
}


class Mail(Struct, gc=False):
    """One mail of a request. It was accepted if `esp_id` is set; `refusal` is the provider's error about it, if any."""

    sender: str
    recipients: list[str]  # Bare addresses of To, Cc and Bcc.
    subject: str
    html: str
    text: str
    headers: list[tuple[str, str]]
    our_id: str | None
    tags: dict[str, str]  # The provider's own metadata or tags, as its webhooks give them back.
    tag: str = ""
    stream: str = ""
    to: list[str] = field(default_factory=list)  # As written, with display names.
    esp_id: str = ""
    accepted_at: str = ""
    refusal: dict[str, object] | None = None

    @property
    def first_link(self) -> str:
        """What a reader who clicks would open."""
        link = HREF.search(self.html) or URL.search(self.text)
        return unescape(link[1]) if link else "https://example.com/"

    @property
    def size(self) -> int:
        return len(self.html) + len(self.text) + 1000


class Submission(Struct, gc=False):
    """What a send request asked for. A `refusal` is of the whole request: then nothing in it was accepted."""

    mails: list[Mail] = field(default_factory=list)
    batch: bool = False
    refusal: Answer | None = None
    idempotency_key: str | None = None


def addresses(value: str) -> list[str]:
    """The bare addresses of a header's value such as `"Ana" <ana@example.com>, ben@example.com`, valid or not."""
    if "," not in value:  # By far the commonest, and fifty times as fast.
        bare = value.rpartition("<")[2].rstrip("> ").lstrip()
        return [bare] if bare else []
    return [bare for _, bare in getaddresses([value]) if bare]


def is_address(value: str) -> bool:
    return ADDRESS.fullmatch(value) is not None


def asked_by(address: str) -> str:
    """What the local part asks for: `bounce@`, `bounce+1@` and `bounce-17@` all ask to bounce. Else nothing: ''."""
    asked = ASKED.match(address.partition("@")[0].lower())
    return asked[1] if asked else ""


def is_refused(address: str) -> bool:
    return asked_by(address) == "refuse"


def events_for(address: str) -> tuple[Event, ...]:
    """What happens to a mail to this address, in order. Nothing does where the API itself refuses the address."""
    if is_refused(address):
        return ()
    return PLAYED.get(asked_by(address), (Event.DELIVERED,))
