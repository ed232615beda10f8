"""Classify: hard, soft, block, complaint …? Read from the ESP's own words, since Anymail's do not tell them apart."""

from typing import Any

from anymail.signals import EventType

from automation.core.paths import look_up
from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

# What Anymail's word means where the ESP's own says no more. A bounce of which nothing is known is never a hard one.
BY_ANYMAIL = {
    EventType.QUEUED: Kind.ACCEPTED,
    EventType.SENT: Kind.ACCEPTED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.OPENED: Kind.OPENED,
    EventType.CLICKED: Kind.CLICKED,
    EventType.AUTORESPONDED: Kind.AUTO_REPLY,
    EventType.BOUNCED: Kind.SOFT_BOUNCE,
    EventType.REJECTED: Kind.BLOCK,
    EventType.FAILED: Kind.BLOCK,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBE,
}


def classify(event: Any, dialect: Dialect) -> tuple[Kind, str]:
    """The kind of an event of Anymail's, and the ESP's words that decided it: never more than the tables know. Pure."""
    words = _words(event.esp_event, dialect)
    for length in range(len(words), 0, -1):
        said = "/".join(words[:length])
        if said in dialect.kinds:
            return dialect.kinds[said], said
    kind = BY_ANYMAIL.get(event.event_type, Kind.UNKNOWN)
    return kind, words[0] if words else kind.value


def is_machine(esp_event: Any, dialect: Dialect) -> bool:
    """Whether the ESP itself says that no person opened or clicked. Pure."""
    return any(str(look_up(esp_event, path)).lower() in words for path, words in dialect.machine.items())


def _words(esp_event: Any, dialect: Dialect) -> list[str]:
    found = (look_up(esp_event, path) for path in dialect.words)
    return [str(word).lower() if isinstance(word, bool) else str(word) for word in found if isinstance(word, str | int)]
