"""The key reaches the provider where it looks for it, and only there."""

import json

import pytest
from anymail.message import AnymailMessage

from automation.core.redis import client
from automation.delivery.deliver import deliver
from automation.delivery.idempotency import set_key
from automation.delivery.models import EspAccount
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider
from automation.delivery.sender import open_backend
from tests.automation.delivery.stub_esp import StubEsp, answer
from tests.factories import make_account, make_message

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


@pytest.mark.django_db
def test_brevo_is_asked_again_with_the_same_bytes_when_an_answer_was_lost(monkeypatch):
    client().flushdb()
    esp = StubEsp()
    esp.answers = [answer(500, {}), answer(201, {"messageId": "esp-1"})]
    monkeypatch.setenv("ESP_TEST", json.dumps({"api_key": "t"}))
    message = make_message(account=make_account(provider="brevo", api_url=esp.url, backoff_ms=1))

    for _ in range(2):
        deliver(lane=message.lane)

    message.refresh_from_db()
    first, second = esp.requests
    assert (message.status, message.esp_message_id) == ("sent", "esp-1")
    assert first.body == second.body
    assert json.loads(first.body)["headers"]["idempotencyKey"] == str(message.pk)
    esp.close()


@pytest.mark.parametrize("provider", [one for one in Provider if one not in IDEMPOTENCY_KEY_LIFE])
def test_for_others_nothing_changes(provider):
    email = AnymailMessage("Hi", "Hi", "shop@example.com", ["ana@example.com"])

    set_key(KEY, provider=provider, email=email, backend=None)

    assert email.extra_headers == {}
