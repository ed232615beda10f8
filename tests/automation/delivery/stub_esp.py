"""An ESP on loopback that answers byte for byte as a test says, so also as no decent server would."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from typing import Any

Answer = Callable[[socket.socket], bool]  # Writes to the socket; True: keep the connection.

ACCEPTED = {"ErrorCode": 0, "Message": "OK", "MessageID": "esp-1", "To": "ana@example.com"}  # As Postmark says it.


class Request:
    def __init__(self, head: bytes, body: bytes) -> None:
        self.line, *lines = head.decode("latin-1").split("\r\n")
        self.headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]
        self.body = body

    def header(self, name: str) -> str:
        [value] = [value for known, value in self.headers if known.lower() == name.lower()]
        return value


class StubEsp:
    """Serves each connection in a thread. The last of its `answers` is repeated for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.answers: list[Answer] = [answer()]
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/"

    def hang_up(self) -> None:
        """Close all connections, as a server does that has been idle for long."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        self._listener.close()
        self.hang_up()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self.connections += 1
            self._open.append(connection)
            while request := _read(connection):
                self.requests.append(request)
                respond = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not respond(connection):
                    break
        except OSError:
            pass  # The client has gone, or would not trust us.
        finally:
            connection.close()


def answer(status: int = 200, body: Any = ACCEPTED, *, keep: bool = True, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content_Type": "application/json", "Date": formatdate(usegmt=True), **headers}
    if not keep:
        fields["Connection"] = "close"
    fields.setdefault("Content_Length", str(len(content)))
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + content, keep=keep)


def raw(data: bytes, *, keep: bool = False) -> Answer:
    def respond(connection: socket.socket) -> bool:
        connection.sendall(data)
        return keep

    return respond


def reset(connection: socket.socket) -> bool:
    """Break off with RST, as a crashed process does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def silence(connection: socket.socket) -> bool:
    """Keep the connection and say nothing until the client has gone."""
    connection.recv(1)
    return False


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    request = Request(head, body)
    length = int(request.header("Content-Length"))
    while len(request.body) < length:
        request.body += connection.recv(65536)
    return request
