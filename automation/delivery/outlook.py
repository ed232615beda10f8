"""Outlook: what will settle an uncertain message, and when. Pure."""

from datetime import datetime
from typing import NamedTuple

from automation.delivery.models import Message
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider
from automation.delivery.reap import GRACE
from automation.flows.models import UncertainPolicy


class Outlook(NamedTuple):
    """Whatever else it says: a webhook that names the message settles it at any time."""

    decided_at: datetime  # When the grace period ends, and the flow's policy decides.
    resends: bool  # The policy will have it sent again then.
    left: bool  # Grace is over and nothing more is done by itself: left to webhooks, and to people.
    key_until: datetime | None  # Until then, the ESP recognises a second mail by its key and drops it.


def outlook(message: Message, *, provider: str, policy: str | None, at: datetime) -> Outlook:
    """Of an uncertain message, its account's provider and its flow's policy (`UncertainPolicy`; None: it has no flow).

    The policy acts once: what is uncertain again after that is left.
    """
    since = message.uncertain_at or at
    life = None if message.in_batch else IDEMPOTENCY_KEY_LIFE.get(Provider(provider))  # In a batch it had no key.
    decided_at = since + GRACE
    resends = policy == UncertainPolicy.RESEND and message.resent_at is None
    return Outlook(
        decided_at=decided_at,
        resends=resends,
        left=at >= decided_at and not resends,
        key_until=since + life if life else None,
    )
