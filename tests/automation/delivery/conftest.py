"""An ESP on loopback for the deliver pump."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.factories import make_account
from tests.webhooks.sandbox.conftest import run_sandbox

__all__ = ["run_sandbox"]


@pytest.fixture
def esp(run_sandbox):
    return run_sandbox()


@pytest.fixture
def account_at(esp, monkeypatch):
    """Make an account whose ESP is the sandbox."""

    def make(provider="postmark", **fields):
        settings = {"server_token": "t"} if provider == "postmark" else {"api_key": "re_t"}
        monkeypatch.setenv("ESP_TEST", json.dumps(settings))
        fields = {"key": "esp", "max_attempts": 3, "backoff_ms": 1, **fields}
        return make_account(provider=provider, api_url=f"{esp.url}/{fields['key']}/{provider}/", **fields)

    return make


@pytest.fixture
def together():
    """Do all of it at once, each on a connection of its own, and raise what any of them raised."""

    def do(*works):
        start = Barrier(len(works), timeout=10)

        def run(work):
            try:
                start.wait()
                work()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(works)) as pool:
            for done in [pool.submit(run, work) for work in works]:
                done.result(timeout=30)

    return do
