"""An ESP on loopback for the deliver pump."""

import json

import pytest

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
