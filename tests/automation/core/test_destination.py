"""Where hooks may go: whatever the spelling, and whatever the name leads to."""

import socket

import pytest

from automation.core.destination import Destination, Forbidden, addresses_of, is_public, read_url


def test_a_service_is_called_by_its_name_over_https():
    assert read_url("https://hooks.example.com/a?b=1#c") == Destination("hooks.example.com", 443, "/a?b=1")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "//example.com/",
        "example.com/hook",
        "https:///hook",
        "https://",
        "https://localhost/",
        "https://intranet/",
        "https://example.com./",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com:8443/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
        "https://exämple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: other.example.com",
        "https://exam\tple.com/",
        "https://a..example.com/",
        "https://-a.example.com/",
        f"https://example.com/{'a' * 2000}",
    ],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(Forbidden):
        read_url(url)


def test_further_ports_can_be_allowed(settings):
    settings.HOOK_PORTS = [443, 8443]

    assert read_url("https://example.com:8443/").port == 8443


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_hosts_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "203.0.113.5"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:8.8.8.8", "::ffff:169.254.169.254", "::8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1"),
        *("2002:a9fe:a9fe::1", "2001::1", "2001:0:a9fe:a9fe::1", "3fff::1", "example.com", ""),
    ],
)
def test_all_else_is_not(address):
    assert not is_public(address)


def resolving_to(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    resolving_to(monkeypatch, "93.184.215.14", "10.0.0.1")

    with pytest.raises(Forbidden, match="private network"):
        addresses_of(read_url("https://hooks.example.com/"))


def test_public_ones_are_returned_for_the_caller_to_connect_to(monkeypatch):
    resolving_to(monkeypatch, "93.184.215.14", "8.8.8.8", "8.8.8.8")

    assert addresses_of(read_url("https://hooks.example.com/")) == ["93.184.215.14", "8.8.8.8"]
