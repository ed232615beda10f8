"""What the links of a mail carry. It alone is enough to act: no login, no contact, no message need exist any more."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from django.core.signing import BadSignature, Signer

from suppression.keys import current_version, key_of

MAX_LENGTH = 200  # Ours have 120 characters. Longer ones are refused before any work is done on them.
_LAYOUT = struct.Struct(">B32sQ16s")  # Version of the key, address hash, topic id (0: none), message id.
_LEAVE, _CONFIRM = "suppression.unsubscribe", "suppression.confirm"  # What a token is for: no other use accepts it.


class BadToken(ValueError):
    """Not a token of ours, or not all of one."""


@dataclass(frozen=True, slots=True)
class UnsubscribeToken:
    address_hash: bytes
    topic_id: int | None
    message_id: UUID
    key_version: int = 1  # Of the hash.


def make_token(*, address_hash: bytes, topic_id: int | None, message_id: UUID) -> str:
    """A token for one message, safe in a URL: to leave, and to choose. Always the same for the same message.

    Costs about 10 µs. The hash is of the current key.
    """
    return _sign(_LEAVE, address_hash, topic_id, message_id)


def read_token(token: str) -> UnsubscribeToken:
    """What `make_token` put in. Never expires (CAN-SPAM asks for 30 days, people for years). Raises BadToken."""
    return _read(_LEAVE, token)


def make_confirmation(*, address_hash: bytes, topic_id: int, message_id: UUID) -> str:
    """A token that proves that its mail was read, and so whose address it is."""
    return _sign(_CONFIRM, address_hash, topic_id, message_id)


def read_confirmation(token: str) -> UnsubscribeToken:
    """What `make_confirmation` put in. Raises BadToken."""
    return _read(_CONFIRM, token)


def _sign(use: str, address_hash: bytes, topic_id: int | None, message_id: UUID) -> str:
    version = current_version()
    packed = _LAYOUT.pack(version, address_hash, topic_id or 0, message_id.bytes)
    return _signer(version, use).sign(urlsafe_b64encode(packed).decode())


def _read(use: str, token: str) -> UnsubscribeToken:
    if len(token) > MAX_LENGTH:
        raise BadToken("too long")
    try:
        packed = urlsafe_b64decode(token.partition(".")[0])
        version, address_hash, topic_id, message_id = _LAYOUT.unpack(packed)
        _signer(version, use).unsign(token)
    except (BadSignature, ValueError, struct.error) as error:  # ValueError: lone surrogates, bad base64.
        raise BadToken("damaged or not ours") from error
    return UnsubscribeToken(address_hash, topic_id or None, UUID(bytes=message_id), version)


def _signer(version: int, use: str) -> Signer:
    """Keyed with the key of the hash: unlike SECRET_KEY it is never thrown away, and the hash inside the token means
    nothing without it anyway."""
    key = key_of(version)
    if key is None:
        raise BadToken("of a key that is gone")
    return Signer(key=key, fallback_keys=[], sep=".", salt=use)
