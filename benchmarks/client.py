"""A backend service that posts events, over connections that it keeps."""

import http.client
import json
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
    """Post each once, in their order. Returns, for each, the time of its answer.

    Open loop: a post is due when it says so, whatever became of those before it; it is late only when all connections
    still wait for an answer. Raises RuntimeError for an answer that is no 2xx or refuses an event.
    """
    waiting: SimpleQueue[tuple[int, Post]] = SimpleQueue()
    for numbered in enumerate(posts):
        waiting.put(numbered)
    answered = [0.0] * len(posts)
    with ThreadPoolExecutor(connections) as pool:
        workers = [pool.submit(_work, url, api_key, waiting, answered) for _ in range(connections)]
        for worker in workers:
            worker.result()
    return answered


def _work(url: str, api_key: str, waiting: SimpleQueue[tuple[int, Post]], answered: list[float]) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    try:
        while True:
            number, post = waiting.get_nowait()
            time.sleep(max(0.0, post.at - time.time()))
            connection.request("POST", post.path, post.body, headers)
            answer = connection.getresponse()
            body = answer.read()
            answered[number] = time.time()
            _check(answer.status, body)
    except Empty:
        pass
    finally:
        connection.close()


def _check(status: int, body: bytes) -> None:
    results = json.loads(body).get("results", ()) if status < 300 else ()
    if status >= 300 or any(result["status"] != 202 for result in results):
        raise RuntimeError(f"the API answered {status}: {body[:500].decode()}")
