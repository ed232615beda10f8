"""What an unsubscribe link carries. It alone is enough to act: no login, no contact, no message need exist any more."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

MAX_LENGTH = 200  # Ours have 120 characters. Longer ones are refused before any work is done on them.
_FORMAT = 1  # Also says: hashed with key version 1.
_LAYOUT = struct.Struct(">B32sQ16s")  # Format, address hash, topic id (0: none), message id.


class BadToken(ValueError):
    """Not a token of ours, or not all of one."""


@dataclass(frozen=True, slots=True)
class UnsubscribeToken:
    address_hash: bytes
    topic_id: int | None
    message_id: UUID


def make_token(*, address_hash: bytes, topic_id: int | None, message_id: UUID) -> str:
    """A token for one message, safe in a URL. Always the same for the same message; costs about 10 µs."""
    packed = _LAYOUT.pack(_FORMAT, address_hash, topic_id or 0, message_id.bytes)
    return _signer().sign(urlsafe_b64encode(packed).decode())


def read_token(token: str) -> UnsubscribeToken:
    """What `make_token` put in. Never expires (CAN-SPAM asks for 30 days, people for years). Raises BadToken."""
    if len(token) > MAX_LENGTH:
        raise BadToken("too long")
    try:
        packed = urlsafe_b64decode(_signer().unsign(token))
        version, address_hash, topic_id, message_id = _LAYOUT.unpack(packed)
    except (BadSignature, ValueError, struct.error) as error:  # ValueError: lone surrogates, bad base64.
        raise BadToken("damaged or not ours") from error
    if version != _FORMAT:
        raise BadToken("of a format unknown here")
    return UnsubscribeToken(address_hash, topic_id or None, UUID(bytes=message_id))


def _signer() -> Signer:
    """Keyed with SUPPRESSION_HASH_KEY: unlike SECRET_KEY it is never simply replaced, and the hash inside the token
    means nothing without it anyway."""
    return Signer(key=settings.SUPPRESSION_HASH_KEY, fallback_keys=[], sep=".", salt="suppression.unsubscribe")
