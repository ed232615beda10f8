"""One call: connect to an address that was checked, post the body, read a little of the answer. Follows nothing."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import NamedTuple

from automation.core.destination import Destination

CONNECT_S = 5.0
# For all of a call. Longer, and a service that dribbles holds a thread that other services' calls need.
TOTAL_S = 15.0
# Of the answer, enough to tell what is wrong.
MAX_ANSWER = 4096


class Answer(NamedTuple):
    status: int | None  # None: there was no answer.
    said: str
    retry_after: str = ""


def post(destination: Destination, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises nothing that the network may do to us; no redirect is followed and no proxy asked."""
    said = "no address"
    for address in addresses:
        connection = _connection(destination)
        try:
            connection.sock = _connect(destination, address)
        except OSError as error:  # Certificates that do not match are among these.
            said = _words(error)
            continue
        return _exchange(connection, destination, body, headers)
    return Answer(None, said)


def _exchange(connection: HTTPConnection, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Answer:
    watch = Timer(TOTAL_S, _hang_up, [connection.sock])
    watch.start()
    try:
        with closing(connection):
            connection.request("POST", destination.target, body, {"content-type": "application/json", **headers})
            response = connection.getresponse()
            text = response.read(MAX_ANSWER).decode(errors="replace")
            return Answer(response.status, text, response.getheader("retry-after", ""))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(None, _words(error))
    finally:
        watch.cancel()


def _connection(destination: Destination) -> HTTPConnection:
    kind = HTTPConnection if destination.is_plain else HTTPSConnection
    return kind(destination.host, destination.port)


def _connect(destination: Destination, address: str) -> socket.socket:
    """The certificate has to be the name's, whatever the address."""
    plain = socket.create_connection((address, destination.port), CONNECT_S)
    plain.settimeout(TOTAL_S)
    if destination.is_plain:
        return plain
    try:
        return _tls().wrap_socket(plain, server_hostname=destination.host)
    except OSError:
        plain.close()
        raise


@cache  # It reads the disk.
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):  # It may be over already.
        sock.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
