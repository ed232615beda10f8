"""The key reaches the provider where it looks for it, and only there."""

import json

import pytest
from anymail.message import AnymailMessage

from automation.delivery.idempotency import set_key
from automation.delivery.models import EspAccount
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider
from automation.delivery.sender import open_backend
from tests.automation.delivery.stub_esp import StubEsp, answer

KEY = "01a20c9f-0000-7000-8000-000000000000"


@pytest.fixture
def request_of(monkeypatch):
    """Send a mail through the provider under the key, and return what arrived."""
    esp = StubEsp()
    backends = []

    def send(provider, secrets, taken):
        esp.answers = [answer(200, taken)]
        monkeypatch.setenv("ESP_TEST", json.dumps(secrets))
        backend = open_backend(EspAccount(key="esp", provider=provider, settings_env="ESP_TEST", api_url=esp.url))
        backends.append(backend)
        headers = {"List-Id": "<offers.example.com>"}
        email = AnymailMessage("Hi", "Hi", "shop@example.com", ["ana@example.com"], headers=headers)
        set_key(KEY, provider=provider, email=email, backend=backend)
        backend.send_messages([email])
        return esp.requests[-1]

    yield send
    for backend in backends:
        backend.close()
    esp.close()


def test_resend_finds_it_among_the_headers_of_the_request(request_of):
    request = request_of("resend", {"api_key": "t"}, {"id": "esp-1"})

    assert request.header("Idempotency-Key") == KEY
    assert json.loads(request.body)["headers"] == {"List-Id": "<offers.example.com>"}


def test_brevo_finds_it_among_the_headers_of_the_mail(request_of):
    request = request_of("brevo", {"api_key": "t"}, {"messageId": "esp-1"})

    assert json.loads(request.body)["headers"] == {"List-Id": "<offers.example.com>", "idempotencyKey": KEY}
    assert "idempotency-key" not in {name.lower() for name, _ in request.headers}


@pytest.mark.parametrize("provider", [one for one in Provider if one not in IDEMPOTENCY_KEY_LIFE])
def test_for_others_nothing_changes(provider):
    email = AnymailMessage("Hi", "Hi", "shop@example.com", ["ana@example.com"])

    set_key(KEY, provider=provider, email=email, backend=None)

    assert email.extra_headers == {}
