"""The little of an HTTP client that posting webhooks takes: one connection, kept alive, no redirects."""

import asyncio
from collections.abc import Mapping
from urllib.parse import SplitResult

TIMEOUT = 10.0  # Seconds for connecting and for the answer. Longer, and a dead receiver holds the others up.
NO_ANSWER = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)


class Client:
    """A client for one task at a time."""

    def __init__(self) -> None:
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connected_to = ""

    async def post(self, url: SplitResult, headers: Mapping[str, str], body: bytes) -> int:
        """Post, and return the status. Where there is none: one of `NO_ANSWER`; a time-out is an OSError."""
        reused = self._streams is not None and self._connected_to == url.netloc
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._post(url, headers, body)
        except NO_ANSWER:
            self.close()
            if not reused:
                raise
        return await self.post(url, headers, body)  # Receivers close idle connections: try a new one.

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _post(self, url: SplitResult, headers: Mapping[str, str], body: bytes) -> int:
        reader, writer = await self._connect(url)
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        host = url.netloc.rpartition("@")[2]
        head = f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        writer.write(head.encode("latin-1") + body)
        await writer.drain()
        return await self._status(reader)

    async def _connect(self, url: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None or self._connected_to != url.netloc:
            self.close()
            secure = url.scheme == "https"
            port = url.port or (443 if secure else 80)
            self._streams = await asyncio.open_connection(url.hostname, port, ssl=secure or None)
            self._connected_to = url.netloc
        return self._streams

    async def _status(self, reader: asyncio.StreamReader) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head[9:12])
        _, measured, rest = head.partition("\r\ncontent-length:")
        if measured and "\r\nconnection: close" not in head:
            await reader.readexactly(int(rest.partition("\r\n")[0]))
        elif status != 204:
            self.close()  # Where the body ends is not worth finding out.
        return status
