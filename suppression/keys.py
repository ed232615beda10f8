"""The keys of the hashes: the current one writes; older ones are still asked, and still sign links that have gone out.

A hash cannot be turned into that of another key without its address. So a key that was ever used stays in the settings
for as long as rows of it are left (`manage.py rekey` moves those whose address is known) or links of it may be clicked.
"""

import hmac
from functools import cache, lru_cache

from django.conf import settings


def current_version() -> int:
    """Which key writes. Stored beside each hash."""
    version: int = settings.SUPPRESSION_HASH_KEY_VERSION
    return version


def key_of(version: int) -> str | None:
    """The key of a version. None: it is gone, and with it what was hashed with it."""
    if version == current_version():
        return str(settings.SUPPRESSION_HASH_KEY)
    key: str | None = settings.SUPPRESSION_HASH_KEYS_OLD.get(str(version))
    return key


def old_versions() -> list[int]:
    """The other keys that are still there, the newest first."""
    return sorted((int(version) for version in settings.SUPPRESSION_HASH_KEYS_OLD), reverse=True)


def all_keys() -> list[str]:
    """The current one first."""
    old: dict[str, str] = settings.SUPPRESSION_HASH_KEYS_OLD
    return [settings.SUPPRESSION_HASH_KEY, *(old[str(version)] for version in old_versions())]


def keyed_hash(text: str, key: str) -> bytes:
    """HMAC-SHA-256: 32 bytes."""
    keyed = _keyed(key).copy()
    keyed.update(text.encode())
    return keyed.digest()


# Most mail goes to a few domains. Fewer, and each mail to one that was forgotten costs another hash of 1 µs.
@lru_cache(maxsize=4096)
def domain_hash(domain: str, key: str) -> bytes:
    """Of a canonical domain. With the @, so that it is no address's hash."""
    return keyed_hash(f"@{domain}", key)


@cache  # A copy of this costs half of what starting from the key does.
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")
