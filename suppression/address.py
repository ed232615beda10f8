"""One spelling for each email address, and the keyed hashes by which this app knows it."""

import re

import idna
from django.conf import settings

from suppression.aliases import Aliases, mailbox_of
from suppression.keys import all_keys, domain_hash, key_of, keyed_hash

MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets (RFC erratum 1690).
MAX_LOCAL = 64  # RFC 5321 §4.5.3.1.1.

DOMAIN_AT = 1  # Where `hashes_of` has, for each key, the domain's hash.

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
# At least two labels, the last not a number: neither `root@localhost` nor an IP address can be mailed.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}"
_is_local = re.compile(_LOCAL).fullmatch
_is_domain = re.compile(_DOMAIN).fullmatch
_is_plain = re.compile(rf"(?=[^@]{{1,{MAX_LOCAL}}}@){_LOCAL}@{_DOMAIN}").fullmatch


class InvalidAddress(ValueError):
    """No mail could reach this. `reason` is a stable code; the message is for people and never repeats the address."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def canonical(address: str) -> str:
    """The one spelling under which an address is compared: trimmed, lower case, domain in its ASCII form (IDNA 2008).

    Providers may tell `Ana@` from `ana@`, but none that we know does, and an opt-out must not hang on a capital.
    Refused although RFC 5321 or 6531 allows them, since mail to them is a typing error or fails at most ESPs: quoted
    local parts, local parts that are not ASCII, IP addresses and single labels as domains.
    Idempotent. Raises InvalidAddress.
    """
    text = address.strip()
    if len(text) <= MAX_ADDRESS and _is_plain(text):  # The common case in one match: this runs for each recipient.
        return text.lower()
    return "@".join(_checked_parts(text)).lower()


def validate(address: str) -> str:
    """The address as it should be mailed: trimmed, domain in lower case ASCII, local part as written.

    Raises InvalidAddress.
    """
    domain = canonical(address).rpartition("@")[2]
    return address.strip().rpartition("@")[0] + "@" + domain


def hash_address(address: str) -> bytes:
    """The 32 bytes under which an address is stored: HMAC-SHA-256 of its canonical form. Raises InvalidAddress."""
    return written_hash(canonical(address), settings.SUPPRESSION_HASH_KEY)


def hash_domain(domain: str) -> bytes:
    """The 32 bytes under which all addresses of a domain are stored; not those of its subdomains.

    Raises InvalidAddress.
    """
    return domain_hash(canonical_domain(domain), settings.SUPPRESSION_HASH_KEY)


def canonical_domain(domain: str) -> str:
    """The one spelling of a domain, whether it is given with an @ before it or without. Raises InvalidAddress."""
    return _ascii_domain(domain.strip().removeprefix("@")).lower()


def hashes_of(address: str) -> tuple[bytes | None, ...]:
    """All hashes under which something may stand that concerns an address; `hash_address` first. Raises InvalidAddress.

    For each key, the current one first, as many as `hashes_asked` tells; None where the address has no such hash.
    """
    spelling = canonical(address)
    domain = spelling.rpartition("@")[2]
    found: list[bytes | None] = []
    for key in all_keys():
        if settings.SUPPRESSION_PROVIDER_ALIASES == Aliases.OFF:
            found += (keyed_hash(spelling, key), domain_hash(domain, key))
            continue
        written = written_hash(spelling, key)
        found += (written, domain_hash(domain, key), _other_hash(spelling, key, written))
    return tuple(found)


def own_hashes(address: str) -> list[bytes]:
    """Those of `hashes_of` that are the address's alone, and not its domain's. Raises InvalidAddress."""
    return [one for n, one in enumerate(hashes_of(address)) if one and n % hashes_in_key() != DOMAIN_AT]


def hashes_asked() -> int:
    """How many hashes `hashes_of` has for each address."""
    return len(all_keys()) * hashes_in_key()


def hashes_in_key() -> int:
    """How many of them are of one key. The one at DOMAIN_AT is the domain's."""
    return 2 if settings.SUPPRESSION_PROVIDER_ALIASES == Aliases.OFF else 3


def rehashed(address: str, version: int) -> dict[bytes, bytes]:
    """Hashes of an address, or of a domain ("@example.com"), by the key of `version`, each with the current one.

    Raises InvalidAddress.
    """
    if (old := key_of(version)) is None:
        return {}
    if address.startswith("@"):
        texts = ["@" + canonical_domain(address)]
    else:
        spelling = canonical(address)
        texts = [text for text in (spelling, mailbox_of(spelling)) if text]
    return {keyed_hash(text, old): keyed_hash(text, settings.SUPPRESSION_HASH_KEY) for text in texts}


def written_hash(spelling: str, key: str) -> bytes:
    """What is written for a canonical address with a key."""
    mailbox = mailbox_of(spelling) if settings.SUPPRESSION_PROVIDER_ALIASES == Aliases.ON else None
    return keyed_hash(mailbox or spelling, key)


def _other_hash(spelling: str, key: str, written: bytes) -> bytes | None:
    """Of an address that can be written in two forms, the one that is not."""
    if (mailbox := mailbox_of(spelling)) is None:
        return None
    return next(digest for text in (spelling, mailbox) if (digest := keyed_hash(text, key)) != written)


def _checked_parts(text: str) -> tuple[str, str]:
    """Local part and ASCII domain, or the first fault that a person would want to hear of."""
    if not text:
        raise InvalidAddress("empty", "The address is empty.")
    if len(text) > MAX_ADDRESS:  # Before anything looks closer: IDNA takes quadratic time.
        raise InvalidAddress("too_long", f"The address is longer than {MAX_ADDRESS} characters.")
    local, _, domain = text.rpartition("@")
    if not local or not domain:
        raise InvalidAddress("not_an_address", "An address has the form name@domain.")
    if len(local) > MAX_LOCAL:
        raise InvalidAddress("local_part_too_long", f"The part before the @ is longer than {MAX_LOCAL} characters.")
    if not local.isascii():
        raise InvalidAddress("local_part_not_ascii", "The part before the @ has letters that most providers refuse.")
    if not _is_local(local):
        raise InvalidAddress("bad_local_part", "The part before the @ has a space, a quote or a misplaced character.")
    ascii_domain = _ascii_domain(domain)
    if len(local) + 1 + len(ascii_domain) > MAX_ADDRESS:
        raise InvalidAddress("too_long", f"The address is longer than {MAX_ADDRESS} characters.")
    return local, ascii_domain


def _ascii_domain(domain: str) -> str:
    try:
        encoded = domain if domain.isascii() else idna.encode(domain, uts46=True, std3_rules=True).decode()
    except UnicodeError as error:  # idna.IDNAError is one.
        raise InvalidAddress("bad_domain", "The part after the @ is not a domain name.") from error
    if not _is_domain(encoded):
        raise InvalidAddress("bad_domain", "The part after the @ is not a domain name.")
    return encoded
