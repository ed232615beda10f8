"""HTTP/1.1 on a socket: whole requests to the handler, and its answers done as it says.

Written by hand, for two reasons. A fault such as "half an answer, then a reset" is out of reach behind a server
library; and as the yardstick of every benchmark the sandbox must cost a fraction of what it measures. (A parser in C,
httptools, made a send 2 % cheaper: not worth a dependency.)
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from typing import cast

from webhooks.sandbox.http import MAX_BODY, Answer, Ending, Request, encode, parse_head, plain_error

logger = logging.getLogger(__name__)

MAX_HEAD = 32 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger.

Handler = Callable[[Request], Answer]


# What the event loop receives into. One for all connections, as each empties it at once; a plain `Protocol` gets 256 kB
# newly allocated each time, which made sends of 15 kB a quarter dearer.
_received = memoryview(bytearray(64 * 1024))


class Connection(asyncio.BufferedProtocol):
    """One client's connection: requests are answered one after another, in order, however packets cut them."""

    _transport: asyncio.Transport

    def __init__(self, handler: Handler, everyone: set["Connection"]) -> None:
        self._handler = handler
        self._everyone = everyone
        self._buffer = bytearray()
        self._awaited: tuple[Request, int] | None = None  # A request whose body, so long, is not all here yet.
        self._busy = False  # An answer is owed: what arrives meanwhile waits in the buffer.
        self._timer: asyncio.TimerHandle | None = None  # Of the answer owed, or of the idle close.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._everyone.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._everyone.discard(self)
        if self._timer:
            self._timer.cancel()

    def get_buffer(self, sizehint: int) -> memoryview:
        return _received

    def buffer_updated(self, nbytes: int) -> None:
        self._buffer += _received[:nbytes]
        if len(self._buffer) > MAX_HEAD + MAX_BODY:
            self._transport.abort()
        elif not self._busy:
            if self._timer:
                self._timer.cancel()  # No longer idle.
            self._serve()

    def close(self) -> None:
        self._transport.close()

    def _serve(self) -> None:
        while not self._busy and not self._transport.is_closing():
            request = self._next_request()
            if request is None:
                return
            if isinstance(request, Answer):
                self._write(request, keep_alive=False)
                return
            answer = self._answer(request)
            if answer.delay:
                self._busy = True
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(answer.delay, self._write_late, answer, request)
            else:
                self._write(answer, keep_alive=request.keep_alive)

    def _next_request(self) -> Request | Answer | None:
        """Take a request off the buffer: None while it is not whole, an error when it never will be."""
        if self._awaited is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return plain_error(431, "Too many headers.") if len(self._buffer) > MAX_HEAD else None
            parsed = parse_head(self._buffer[:end].decode("latin-1"))
            if isinstance(parsed, Answer):
                return parsed
            del self._buffer[: end + 4]
            self._awaited = parsed
            if parsed[0].headers.get("expect") == "100-continue" and len(self._buffer) < parsed[1]:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request, length = self._awaited
        if len(self._buffer) < length:
            return None
        request.body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._awaited = None
        return request

    def _answer(self, request: Request) -> Answer:
        try:
            return self._handler(request)
        except Exception:  # The last resort: this client must get an answer, and the next request a chance.
            logger.exception("%s %s failed", request.method, request.path)
            return plain_error(500, "The sandbox itself failed; its log says why.")

    def _write_late(self, answer: Answer, request: Request) -> None:
        self._busy = False
        self._timer = None
        self._write(answer, keep_alive=request.keep_alive)
        self._serve()

    def _write(self, answer: Answer, *, keep_alive: bool) -> None:
        if answer.ending is Ending.SILENT:
            self._busy = True
            return
        if answer.ending is not Ending.HANG_UP:
            self._transport.write(encode(answer, keep_alive=keep_alive))
        if answer.ending is Ending.RESET:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self._transport.abort()
        elif answer.ending is not Ending.WHOLE or not keep_alive:
            self._transport.close()
        elif answer.idle_close is not None:
            self._timer = asyncio.get_running_loop().call_later(answer.idle_close, self._transport.close)
