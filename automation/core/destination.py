"""Where a hook may go: to public services by their names over HTTPS, and nowhere into our own network."""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

MAX_URL = 2000
# A name with a dot, whose last label is no number in any spelling: 127.1, 0x7f000001 and 2130706433 are addresses.
_is_name = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?").fullmatch
# Python counts these as global: some clouds' metadata, and relays to IPv6 networks.
_UNFIT_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_GLOBAL_V6 = IPv6Network("2000::/3")  # All that is given out so far, but for …
_UNFIT_V6 = (
    IPv6Network("2001::/23"),  # Teredo, which carries an IPv4 address, and others that are no ordinary hosts
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4, which carries an IPv4 address
    IPv6Network("3fff::/20"),
)


class Forbidden(ValueError):
    """A hook must not go there; says why in a marketer's words."""


@dataclass(frozen=True, slots=True)
class Destination:
    host: str
    port: int
    target: str  # Path and query, as they stand in the request.
    is_plain: bool = False  # Without TLS: the stand-ins of tests alone.


def read_url(url: str) -> Destination:
    """Raises Forbidden. Pure: what the name stands for is asked when the call is made."""
    if not url.isascii() or not url.isprintable() or set(url) & set(" \\") or len(url) > MAX_URL:
        raise Forbidden("Write the address with plain characters and without spaces, such as https://example.com/hook.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Forbidden("This is no web address.") from error
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if settings.HOOKS_TO_LOOPBACK and host == "localhost" and port:
        return Destination(host, port, target, is_plain=True)
    if parts.scheme != "https":
        raise Forbidden("The address has to begin with https://.")
    if "@" in parts.netloc:
        raise Forbidden("The address must not hold a name or password. Calls are signed instead.")
    if not _is_name(host):
        raise Forbidden("Name the service by its full domain, such as hooks.example.com, not by a number.")
    if (port or 443) not in settings.HOOK_PORTS:
        raise Forbidden(f"Port {port} is not allowed. Allowed: {', '.join(map(str, settings.HOOK_PORTS))}.")
    return Destination(host, port or 443, target)


def addresses_of(destination: Destination) -> list[str]:
    """What the name stands for at this moment, each address checked. Raises Forbidden if any is not public, or OSError.

    The caller must connect to one of these and not ask again: the next answer may be another.
    """
    found = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not destination.is_plain and not all(is_public(address) for address in addresses):
        raise Forbidden(f"{destination.host} leads into a private network.")
    return addresses


def is_public(address: str) -> bool:
    """Is this an ordinary host of the internet? Not: private, shared, link-local, loopback, multicast, metadata, …"""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in _UNFIT_V4)
    return _is_public_v6(ip)


def _is_public_v6(ip: IPv6Address) -> bool:
    """IPv4 in IPv6 clothes (mapped, NAT64) lies outside of what is global; so do link-local and unique local ones."""
    return ip in _GLOBAL_V6 and not any(ip in net for net in _UNFIT_V6)
