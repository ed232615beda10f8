"""One mail through a provider's real backend of Anymail to a server on loopback, and what the table says of it."""

import json
from datetime import UTC, datetime
from functools import cache

import pytest
from anymail.message import AnymailMessage

from automation.delivery import sender
from automation.delivery.account_settings import NEEDED_SETTINGS
from automation.delivery.errors import classify, classify_status
from automation.delivery.models import EspAccount
from automation.delivery.providers import Provider
from tests.automation.delivery.stub_esp import StubEsp, answer

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AWS = {"aws_access_key_id": "t", "aws_secret_access_key": "t", "region_name": "eu-west-1"}


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore:.*sendgrid:Warning"))


@pytest.fixture(scope="module")
def esp():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture(scope="module")
def backend_of(esp):
    """Open a provider's backend as the sender threads do. It is kept, since botocore takes long to make a client."""

    @cache
    def make(provider, *, url=None, read_s=5.0, secrets="{}"):
        settings = dict.fromkeys(NEEDED_SETTINGS[Provider(provider)], "t") | json.loads(secrets)
        if provider == "amazon_ses":
            settings = {"session_params": AWS, **settings}
        account = EspAccount(key="esp", provider=provider, settings_env="ESP_TEST", api_url=url or esp.url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ESP_TEST", json.dumps(settings))
            patch.setattr(sender, "TIMEOUTS_S", (1.0, read_s))
            backends.append(sender.open_backend(account))
        return backends[-1]

    backends = []
    yield make
    for backend in backends:
        backend.close()


@pytest.fixture
def result_of(esp, backend_of):
    def send(*answers, provider="postmark", url=None, read_s=5.0, secrets=None, **fields):
        esp.answers = list(answers) or [answer()]
        backend = backend_of(provider, url=url, read_s=read_s, secrets=json.dumps(secrets or {}))
        fields = {"subject": "Hi", "body": "Hi", "from_email": "shop@example.com", "to": ["ana@example.com"], **fields}
        email = AnymailMessage(**fields)
        try:
            backend.send_messages([email])
        except Exception as error:  # noqa: BLE001  # Whichever it is, `classify` is asked.
            return classify(error, provider=provider, at=AT)
        return classify_status(email.anymail_status, provider=provider, at=AT)

    return send
