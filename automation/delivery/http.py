"""A lean HTTP session under Anymail's backends. `requests` is 60 % of what a send costs; this does the same for less.

It serves the calls that nearly all providers make: one POST of text or bytes to one host over a kept connection. For
the rest (forms, files, proxies) it is a `requests.Session` like any other.
"""

import http.client
import os
import select
import ssl
import zlib
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from automation.delivery.errors import NeverConnected

# ESPs and their load balancers close idle connections after 30 to 60 s. A request written to a connection that is just
# being closed has an unknown outcome, so ours are closed well before.
IDLE_S = 20.0


class LeanSession(requests.Session):
    """Not for use by several threads at once."""

    def __init__(self) -> None:
        super().__init__()
        self._connection: http.client.HTTPConnection | None = None
        self._host = ("", "")
        self._used_at = 0.0
        self._proxied = bool(getproxies().keys() - {"no"})

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """As `requests.Session.request`, with the same exceptions; NeverConnected where no connection was made."""
        if monotonic() - self._used_at > IDLE_S:
            self.close()
        data, headers, timeout = kwargs.pop("data", None), kwargs.pop("headers", None), kwargs.pop("timeout", None)
        try:
            parts = urlsplit(url)
            if method == "POST" and isinstance(data, str | bytes) and self._is_plain(url, parts, kwargs):
                body = data.encode() if isinstance(data, str) else data
                return self._post(url, parts, body, {**self.headers, **(headers or {})}, timeout)
            return super().request(method, url, data=data, headers=headers, timeout=timeout, **kwargs)
        finally:
            self._used_at = monotonic()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        super().close()

    def _is_plain(self, url: str, parts: SplitResult, options: dict[str, Any]) -> bool:
        """Nothing in it that we leave to requests."""
        known = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        return bool(known) and url.isascii() and not self._proxied and not any(options.values())

    def _post(
        self, url: str, parts: SplitResult, body: bytes, headers: dict[str, Any], timeout: Any
    ) -> requests.Response:
        connect_s, read_s = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        connection = self._connected(parts, connect_s)
        try:
            _begin(connection, parts, {**headers, "Accept-Encoding": "identity", "Content-Length": str(len(body))})
        except (ValueError, http.client.HTTPException) as error:
            self.close()
            raise requests.exceptions.InvalidHeader("A header or the URL holds what HTTP does not allow.") from error
        keep = False
        try:
            connection.sock.settimeout(read_s)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            keep = not answer.will_close
        except TimeoutError as error:
            raise requests.ReadTimeout("No answer in time.") from error
        except (OSError, http.client.HTTPException) as error:
            raise requests.ConnectionError("The connection broke during the call.") from error
        finally:
            if not keep:
                self.close()
        return _response(url, answer, content)

    def _connected(self, parts: SplitResult, timeout: float | None) -> http.client.HTTPConnection:
        host = (parts.scheme, parts.netloc)
        if self._connection is not None and (host != self._host or _is_stale(self._connection)):
            self.close()
        if self._connection is None:
            try:
                connection = _connection(*host, timeout)
                connection.connect()
            except (OSError, ValueError, http.client.HTTPException) as error:
                raise NeverConnected("No connection could be made.") from error
            self._connection, self._host = connection, host
        return self._connection


def _connection(scheme: str, netloc: str, timeout: float | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=timeout, context=_tls())
    return http.client.HTTPConnection(netloc, timeout=timeout)


@cache  # Reading the certificates takes longer than connecting.
def _tls() -> ssl.SSLContext:
    """Trusts whom requests would trust."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    is_folder = Path(named).is_dir()
    context = ssl.create_default_context(capath=named if is_folder else None, cafile=None if is_folder else named)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _is_stale(connection: http.client.HTTPConnection) -> bool:
    """Closed by the other side: there is something to read though nothing was asked."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _begin(connection: http.client.HTTPConnection, parts: SplitResult, headers: dict[str, Any]) -> None:
    """Make the request's head. Nothing is written yet, so whatever this raises, nothing has left."""
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection.putrequest("POST", target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)


def _response(url: str, answer: http.client.HTTPResponse, content: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.url = url
    response.headers = CaseInsensitiveDict(answer.getheaders())
    response.encoding = "utf-8"
    response._content = _decoded(content, answer.headers.get("Content-Encoding", ""))  # noqa: SLF001 - as requests does.
    return response


def _decoded(content: bytes, encoding: str) -> bytes:
    """We ask for plain answers, but not every proxy listens. What cannot be read is left for the reader to refuse."""
    if encoding.lower() not in {"gzip", "x-gzip", "deflate"}:
        return content
    try:
        return zlib.decompress(content, wbits=47)  # Takes both formats.
    except zlib.error:
        return content
