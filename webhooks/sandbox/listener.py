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
        self.address = ("", 0)

    async def open(self, host: str, port: int) -> None:
        """Listen. Port 0 picks a free one: see `address`."""
        self._reserved = _bind(host, port)
        self.address = self._reserved.getsockname()[:2]
        await self._listen()

    async def refuse_for(self, seconds: float) -> None:
        """Close every connection, and refuse new ones until the time is over. The port stays ours."""
        self.close()
        self._reserved = _bind(*self.address)  # Bound but not listening: connections to it are refused.
        await asyncio.sleep(seconds)
        await self._listen()

    def close(self) -> None:
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._handler, self._connections), sock=self._reserved, backlog=BACKLOG
        )


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound
