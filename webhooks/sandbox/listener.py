"""The port: open, or refusing every connection for a while as a host does whose service is down."""

import asyncio
import socket

from webhooks.sandbox.connection import Connection, Handler

BACKLOG = 1024  # Fewer, and a crowd of clients that connect at once waits for a second.


class Listener:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._reopening: asyncio.Task[None] | None = None
        self.address = ("", 0)

    async def open(self, host: str, port: int) -> None:
        """Listen. Port 0 picks a free one: see `address`."""
        self._socket = _bind(host, port)
        self.address = self._socket.getsockname()[:2]
        await self._listen()

    def refuse_for(self, seconds: float) -> None:
        """Refuse connections from now until the time is over, and close those there are. The port stays ours."""
        self._stop_listening()
        self._socket = _bind(*self.address)  # Bound but not listening: that is what refuses.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._hang_up)  # After the answer to whoever asked for this.
        self._reopening = loop.create_task(self._listen_in(seconds))

    def close(self) -> None:
        if self._reopening:
            self._reopening.cancel()
        self._stop_listening()
        self._hang_up()

    async def _listen_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._handler, self._connections), sock=self._socket, backlog=BACKLOG
        )

    def _stop_listening(self) -> None:
        if self._server:
            self._server.close()
        self._socket.close()

    def _hang_up(self) -> None:
        for connection in list(self._connections):
            connection.close()


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound
