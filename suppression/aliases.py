"""Spellings that a provider delivers to one mailbox: `a.na+shop@gmail.com` is `ana@gmail.com`. Off unless asked for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Aliases(StrEnum):
    """The setting SUPPRESSION_PROVIDER_ALIASES.

    Both forms of an address have hashes of their own, so nothing is lost by changing it: `on` still asks for what was
    written as `off`. Whoever turns it off again chooses `obey`, which still asks for what was written as `on`.
    """

    OFF = "off"  # Each spelling is an address of its own.
    ON = "on"  # What one spelling says holds for all.
    OBEY = "obey"  # Write as `off`, ask as `on`.


class _Provider(NamedTuple):
    domain: str  # Under which its mailboxes are known, if it has several.
    ignores_dots: bool
    separator: str  # What follows it is a tag.


_GMAIL = _Provider("gmail.com", ignores_dots=True, separator="+")  # https://support.google.com/mail/answer/7436150
_OUTLOOK = {domain: _Provider(domain, ignores_dots=False, separator="+") for domain in ("outlook.com", "hotmail.com")}
_ICLOUD = {domain: _Provider(domain, ignores_dots=False, separator="+") for domain in ("icloud.com", "me.com")}
_FASTMAIL = _Provider("fastmail.com", ignores_dots=False, separator="+")
_PROTON = _Provider("proton.me", ignores_dots=True, separator="+")  # Dots, hyphens and underscores; we fold dots.
_PROVIDERS: Mapping[str, _Provider] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    **_OUTLOOK,
    **_ICLOUD,
    "fastmail.com": _FASTMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
}


def mailbox_of(address: str) -> str | None:
    """The mailbox that a canonical address reaches, as text to hash (no address looks like it). None: not known. Pure.

    Also for an address that is its own mailbox's plainest spelling: what is said of any of them must find the others.
    """
    local, _, domain = address.rpartition("@")
    provider = _PROVIDERS.get(domain)
    if provider is None:
        return None
    name = local.partition(provider.separator)[0] or local
    if provider.ignores_dots:
        name = name.replace(".", "")
    return f"~{name}@{provider.domain}"
