"""One spelling for each email address, and the keyed hash by which this app knows it."""

import hmac
import re
from functools import cache

import idna
from django.conf import settings

MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets (RFC erratum 1690).
MAX_LOCAL = 64  # RFC 5321 §4.5.3.1.1.
KEY_VERSION = 1  # Which SUPPRESSION_HASH_KEY `hash_address` uses; stored beside each hash, for rotation.

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
    """The 32 bytes by which an address is stored: HMAC-SHA-256 of its canonical form. Raises InvalidAddress."""
    keyed = _keyed(settings.SUPPRESSION_HASH_KEY).copy()
    keyed.update(canonical(address).encode())
    return keyed.digest()


@cache  # A copy of this costs half of what starting from the key does.
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


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
