"""A backend service that posts events, over connections that it keeps."""

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urlsplit


class Post(NamedTuple):
    path: str
    body: bytes
    at: float = 0.0  # Not before this time, in seconds since 1970.


def post_all(url: str, api_key: str, posts: Sequence[Post], *, connections: int) -> list[float]:
    """As `post_as`, by whoever has this key of our API."""
    return post_as(url, f"Bearer {api_key}", posts, connections=connections)


def post_as(url: str, authorization: str, posts: Sequence[Post], *, connections: int) -> list[float]:
    """Post each once, in their order. Returns, for each, the time of its answer.

    Open loop: a post is due when it says so, whatever became of those before it; it is late only when all connections
    still wait for an answer. Raises RuntimeError for an answer that is no 2xx or refuses an event.
    """
    waiting: SimpleQueue[tuple[int, Post]] = SimpleQueue()
    for numbered in enumerate(posts):
        waiting.put(numbered)
    answered = [0.0] * len(posts)
    with ThreadPoolExecutor(connections) as pool:
        workers = [pool.submit(_work, Connection(url, authorization), waiting, answered) for _ in range(connections)]
        for worker in workers:
            worker.result()
    return answered


class Connection:
    """Of HTTP just what our API needs: `http.client` would take three times the CPU from what is measured."""

    def __init__(self, url: str, authorization: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port or 80), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._head = f"Host: {address.netloc}\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n"

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """The answer's status and body."""
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        status, length = int(self._answers.readline().split()[1]), 0
        while (line := self._answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self._answers.read(length)

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


def _work(connection: Connection, waiting: SimpleQueue[tuple[int, Post]], answered: list[float]) -> None:
    try:
        while True:
            number, post = waiting.get_nowait()
            time.sleep(max(0.0, post.at - time.time()))
            status, body = connection.post(post.path, post.body)
            answered[number] = time.time()
            _check(status, body)
    except Empty:
        pass
    finally:
        connection.close()


def _check(status: int, body: bytes) -> None:
    results = json.loads(body).get("results", ()) if status < 300 and body else ()  # Of a webhook, the status says it.
    if status >= 300 or any(result["status"] != 202 for result in results):
        raise RuntimeError(f"the API answered {status}: {body[:500].decode()}")
