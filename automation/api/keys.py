"""API keys: made once, shown once, known by their hash."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from django.db.models import Q

from automation.api.models import ApiKey, Scope

MARK = "sp_"  # So that people and secret scanners know one when they see it.
SHOWN = 12  # Characters kept in the clear, as in the model. More than 180 random bits remain.

# A process looks a key up again after this time: so long can a key that was revoked still be used. Shorter, and
# most requests pay for a query.
FRESH_S = 5.0
# How exact `last_used_at` is. More exact, and requests wait for each other's writes to the key's row.
USED_AGAIN = timedelta(minutes=1)


class _Seen(NamedTuple):
    key: ApiKey
    at: float


_seen: dict[bytes, _Seen] = {}  # By hash. Only keys that exist, so that guesses cannot fill it.


def make_key(*, name: str, scopes: Collection[Scope], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key with 256 random bits. Returns its row and the secret, which cannot be had again."""
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name, prefix=secret[:SHOWN], key_hash=_hash(secret), scopes=sorted(scopes), expires_at=expires_at
    )
    return key, secret


def find_key(secret: str) -> ApiKey | None:
    """The key whose secret this is, whether it may still be used or not. No query if it was found within FRESH_S."""
    key_hash = _hash(secret)
    if (seen := _seen.get(key_hash)) and monotonic() - seen.at < FRESH_S:
        return seen.key
    key = ApiKey.objects.filter(key_hash=key_hash).first()
    if key is None:
        _seen.pop(key_hash, None)
    else:
        _seen[key_hash] = _Seen(key, monotonic())
    return key


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Keep `last_used_at` true to within USED_AGAIN. Writes that seldom, however many requests and processes."""
    if key.last_used_at and at - key.last_used_at < USED_AGAIN:
        return
    not_noted = Q(last_used_at=None) | Q(last_used_at__lte=at - USED_AGAIN)
    ApiKey.objects.filter(not_noted, pk=key.pk).update(last_used_at=at)
    key.last_used_at = at  # Of the row in memory too, or every request until FRESH_S would ask to write.


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
