"""A service that is called: on this machine, without TLS."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from automation.hooks.models import HookCall
from tests.factories import make_enrollment


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []  # Those to come; after them 204.
        self.is_silent = False
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://localhost:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((self.path, headers, self.rfile.read(int(headers["content-length"]))))
        if self.server.is_silent:
            self.rfile.read(1)  # Until the caller hangs up.
            return
        status, extra, body = self.server.answers.pop(0) if self.server.answers else (204, {}, b"")
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    settings.HOOKS_TO_LOOPBACK = True
    monkeypatch.setenv("HOOK_TEST", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    service = Service()
    Thread(target=service.serve_forever, args=[0.01], daemon=True).start()
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def make_call(service: Service) -> Callable[..., HookCall]:
    def make(**fields: Any) -> HookCall:
        enrollment = make_enrollment()
        return HookCall.objects.create(
            **{
                "dedupe_key": str(enrollment.pk),
                "enrollment": enrollment,
                "contact": enrollment.contact,
                "flow": enrollment.flow,
                "step_key": "tell",
                "url": service.url,
                "secret_env": "HOOK_TEST",
                "body": '{"type":"flow.tell"}',
                **fields,
            }
        )

    return make
