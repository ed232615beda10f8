"""A lean HTTP session under Anymail's backends. `requests` is 60 % of what a send costs; this does the same for less.

It serves the calls that nearly all providers make: one POST of text or bytes to one host over a kept connection. For
the rest (forms, files, proxies) it is a `requests.Session` like any other.
"""

import http.client
import select
import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, getproxies

from automation.delivery.errors import NeverConnected

# ESPs and their load balancers close idle connections after 30–60 s. A request written to a connection that is just
# being closed has an unknown outcome, so ours are closed well before.
IDLE_S = 20.0


class LeanSession(requests.Session):
    """Not for use by several threads at once."""

    def __init__(self) -> None:
        super().__init__()
        self._connection: http.client.HTTPConnection | None = None
        self._host: tuple[str, str] = ("", "")
        self._used_at = 0.0
        self._proxied = bool(getproxies())

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """As `requests.Session.request`, with the same exceptions; NeverConnected where no connection was made."""
        data, headers, timeout = kwargs.pop("data", None), kwargs.pop("headers", None), kwargs.pop("timeout", None)
        if self._proxied or isinstance(data, Mapping) or any(value for value in kwargs.values()):
            return super().request(method, url, data=data, headers=headers, timeout=timeout, **kwargs)
        connect_s, read_s = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        parts = urlsplit(url)
        connection = self._connected(parts.scheme, parts.netloc, connect_s)
        body = data.encode() if isinstance(data, str) else data
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            if connection.sock:
                connection.sock.settimeout(read_s)
            connection.request(method, target, body=body, headers={**self.headers, **(headers or {})})  # type: ignore[dict-item]
            answer = connection.getresponse()
            content = answer.read()
        except TimeoutError as error:
            self.close()
            raise requests.ReadTimeout("No answer in time.") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise requests.ConnectionError("The connection broke during the call.") from error
        self._used_at = monotonic()
        if answer.will_close:
            self.close()
        return _response(url, answer, content)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        super().close()

    def _connected(self, scheme: str, netloc: str, timeout: float | None) -> http.client.HTTPConnection:
        if self._connection is not None and ((scheme, netloc) != self._host or self._is_stale()):
            self.close()
        if self._connection is None:
            connection = _connection(scheme, netloc, timeout)
            try:
                connection.connect()
            except OSError as error:
                raise NeverConnected("No connection could be made.") from error
            self._connection, self._host = connection, (scheme, netloc)
        return self._connection

    def _is_stale(self) -> bool:
        """Idle for too long, or closed by the other side: it has something to read though nothing was asked."""
        sock = self._connection.sock if self._connection else None
        if sock is None or monotonic() - self._used_at > IDLE_S:
            return True
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))


def _connection(scheme: str, netloc: str, timeout: float | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=timeout, context=_tls())
    return http.client.HTTPConnection(netloc, timeout=timeout)


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


def _response(url: str, answer: http.client.HTTPResponse, content: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.url = url
    response.headers = CaseInsensitiveDict(answer.getheaders())
    response.encoding = "utf-8"
    response._content = content
    return response
