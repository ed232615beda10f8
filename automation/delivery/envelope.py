"""What a claimed message needs for being built, gathered while the database is at hand: sender threads never ask it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from automation.core.json import JsonObject
from automation.delivery.models import Message, SenderIdentity
from suppression.policy import Addressee
from templates_app.models import TemplateVersion


class Envelope(NamedTuple):
    message_id: UUID
    to_email: str
    address_hash: bytes
    sender: SenderIdentity
    version: TemplateVersion
    language: str
    values: JsonObject
    topic_id: int | None  # None: transactional, nothing to unsubscribe from.
    topic_key: str | None


def envelopes(messages: Sequence[Message], addressees: Mapping[Message, Addressee]) -> list[Envelope]:
    """One for each message, in order. One statement, and one for each template version new to this process."""
    senders = SenderIdentity.objects.in_bulk({message.sender_id for message in messages}) if messages else {}
    return [
        Envelope(
            message_id=message.pk,
            to_email=message.to_email,
            address_hash=addressees[message].address_hash,
            sender=senders[message.sender_id],
            version=_version(message.template_version_id),
            language=message.language,
            values=message.values,
            topic_id=message.topic_id,
            topic_key=message.topic_key,  # type: ignore[attr-defined]  # Annotated by the claim.
        )
        for message in messages
    ]


@lru_cache(maxsize=512)
def _version(version_id: int) -> TemplateVersion:
    """Versions never change, so each is read once in a process."""
    return TemplateVersion.objects.get(pk=version_id)
