"""A sandbox in a thread of its own, a receiver for its webhooks, and mail sent to it by Anymail's real backends."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from anymail.message import AnymailMessage
from django.core.mail import get_connection

from webhooks.sandbox.server import Sandbox

SECRETS = {
    "ESP_SHOP": json.dumps({"server_token": "shop-token", "webhook_secret": "esp:password"}),
    "ESP_SIGNED": json.dumps({"api_key": "re_key", "signing_secret": "whsec_c2lnbmFscG9zdC1zYW5kYm94LXRlc3RzIQ=="}),
}


class Running:
    """A running sandbox, from outside: only HTTP, and the journal's file."""

    def __init__(self, url: str, journal: Path) -> None:
        self.url = url
        self.journal_path = journal
        self.http = requests.Session()
        self.http.trust_env = False

    def set_mode(self, **mode: Any) -> requests.Response:
        answer = self.http.post(f"{self.url}/mode", json=mode)
        assert answer.status_code == 200, answer.text
        return answer

    def journal(self, **parameters: Any) -> list[dict[str, Any]]:
        lines = self.http.get(f"{self.url}/journal", params=parameters).text.splitlines()
        return [json.loads(line) for line in lines]

    def outcomes(self) -> list[str]:
        return [line["outcome"] for line in self.journal()]

    def counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = self.http.get(f"{self.url}/counts").json()
        return counts

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """Post JSON as the provider's own client would, without Anymail."""
        sent = {"X-Postmark-Server-Token": "any", "Authorization": "Bearer any"} | headers
        return self.http.post(f"{self.url}{path}", json=body, headers=sent, timeout=5)


@pytest.fixture
def run_sandbox(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a sandbox; called again in one test, it starts another one."""
    stops: list[Callable[[], None]] = []

    def run(webhooks: str | None = None) -> Running:
        journal = tmp_path / f"journal-{len(stops)}.jsonl"
        sandbox = Sandbox(journal=journal, webhooks=webhooks, environ=SECRETS)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        asyncio.run_coroutine_threadsafe(sandbox.open("127.0.0.1", 0), loop).result(5)
        running = Running("http://{}:{}".format(*sandbox.listener.address), journal)

        def stop() -> None:
            running.http.close()
            asyncio.run_coroutine_threadsafe(sandbox.close(), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()

        stops.append(stop)
        return running

    yield run
    for stop in stops:
        stop()


@pytest.fixture
def sandbox(run_sandbox: Callable[..., Running]) -> Running:
    """A sandbox that reports to nobody."""
    return run_sandbox()


@dataclass
class Call:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Where the webhooks go. It answers each by the next of `statuses`, then by 200."""

    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""
    sockets: list[socket.socket] = field(default_factory=list)

    def hang_up(self) -> None:
        """Close every connection, as servers do with idle ones."""
        for connection in self.sockets:
            connection.shutdown(socket.SHUT_RDWR)

    def wait_for(self, count: int, *, seconds: float = 5) -> list[Call]:
        """The calls so far, once there are at least so many."""
        wait_until(lambda: len(self.calls) >= count, seconds=seconds)
        return list(self.calls)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            received.sockets.append(self.connection)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.calls.append(Call(self.path, dict(self.headers), body))
            self.send_response(received.statuses.pop(0) if received.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        received.url = f"http://127.0.0.1:{server.server_port}/webhooks/{{account}}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield received
        server.shutdown()
        thread.join(5)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something is so, or fail."""
    return wait_until


def wait_until(condition: Callable[[], object], *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def run_in_background() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    with ThreadPoolExecutor() as pool:
        yield pool.submit


@pytest.fixture
def send_by_anymail() -> Callable[..., AnymailMessage]:
    """Send one mail by Anymail's own backend, and return it with its `anymail_status`."""

    def send(
        sandbox: Running, provider: str = "postmark", *, account: str = "demo", to: Any = "ana@example.com", **more: Any
    ) -> AnymailMessage:
        secrets = {"postmark": {"server_token": "any"}, "resend": {"api_key": "any"}}[provider]
        connection = get_connection(
            f"anymail.backends.{provider}.EmailBackend",
            **{"api_url": f"{sandbox.url}/{account}/{provider}/", "requests_timeout": 1}
            | secrets
            | more.pop("secrets", {}),
        )
        values = {"subject": "Hello Ana", "body": "Text", "from_email": "Shop <shop@example.com>"} | more
        message = AnymailMessage(to=[to] if isinstance(to, str) else to, connection=connection, **values)
        message.send()
        return message

    return send
