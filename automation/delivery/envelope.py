"""What a claimed message needs for being built, gathered while the database is at hand: sender threads never ask it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from automation.core.json import JsonObject
from automation.delivery.models import Message
from automation.delivery.pinned import template_version
from suppression.policy import Addressee
from templates_app.models import TemplateVersion


class From(NamedTuple):
    """The sender identity as it is when the message is claimed."""

    name: str
    email: str
    reply_to: str
    postal_address: str


class Envelope(NamedTuple):
    message_id: UUID
    to_email: str
    address_hash: bytes
    sender: From
    version: TemplateVersion
    language: str
    values: JsonObject
    topic_id: int | None  # None: transactional, nothing to unsubscribe from.
    topic_key: str | None


def envelopes(messages: Sequence[Message], addressees: Mapping[Message, Addressee]) -> list[Envelope]:
    """One for each message, in order. One statement for each template version that is new to this process, else none.

    The messages are those of `claim`, which has joined what is read here of other tables.
    """
    return [
        Envelope(
            message_id=message.pk,
            to_email=message.to_email,
            address_hash=addressees[message].address_hash,
            sender=From(*(getattr(message, f"sender_{name}") for name in From._fields)),
            version=template_version(message.template_version_id),
            language=message.language,
            values=message.values,
            topic_id=message.topic_id,
            topic_key=message.topic_key,  # type: ignore[attr-defined]  # By lock_due.
        )
        for message in messages
    ]
