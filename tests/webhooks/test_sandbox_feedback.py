"""The ESP sandbox reports as the providers do, and what it reports arrives."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from automation.delivery.email import MESSAGE_ID
from automation.models import EspAccount
from suppression.models import Suppression
from tests.factories import make_account, make_contact, make_message
from tests.webhooks.factories import digest_all
from tests.webhooks.sandbox.conftest import SECRETS, Running, run_sandbox, send_by_anymail, wait_until
from webhooks.models import InboxEvent

__all__ = ["run_sandbox", "send_by_anymail"]

pytestmark = pytest.mark.django_db(transaction=True)

TOKENS = {"shop": {"server_token": "shop-token"}, "signed": {"api_key": "re_key"}}


@pytest.fixture
def accounts(monkeypatch) -> dict[str, EspAccount]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return {
        "postmark": make_account(key="shop", provider="postmark", settings_env="ESP_SHOP"),
        "resend": make_account(key="signed", provider="resend", settings_env="ESP_SIGNED"),
    }


@pytest.mark.parametrize("provider", ["postmark", "resend"])
@pytest.mark.parametrize(
    ("to", "webhooks", "status", "suppressed"),
    [
        ("ana@example.com", 1, "delivered", False),
        ("click@example.com", 3, "delivered", False),
        ("bounce@example.com", 1, "bounced", True),
        ("soft@example.com", 1, "bounced", False),
        ("complain@example.com", 2, "complained", True),
    ],
)
@pytest.mark.parametrize("mode", [{}, {"reorder": True, "duplicate": True}], ids=["plain", "reordered and doubled"])
def test_what_the_sandbox_plays_comes_back(
    live_server: LiveServer,
    run_sandbox: Callable[..., Running],
    send_by_anymail: Callable[..., Any],
    accounts: dict[str, EspAccount],
    provider: str,
    to: str,
    webhooks: int,
    status: str,
    suppressed: bool,
    mode: dict[str, bool],
) -> None:
    account = accounts[provider]
    message = make_message(account=account, contact=make_contact(), to_email=to, status="uncertain")
    sandbox = run_sandbox(webhooks=f"{live_server.url}/webhooks/{{account}}/")
    sandbox.set_mode(webhooks=mode)

    send_by_anymail(
        sandbox,
        provider,
        account=account.key,
        to=to,
        body="Look: https://example.com/",
        metadata={MESSAGE_ID: str(message.pk)},
        secrets=TOKENS[account.key],
    )

    wait_until(lambda: InboxEvent.objects.count() == webhooks + (provider == "resend"))  # Which tells of `sent` too.
    digest_all()
    message.refresh_from_db()
    assert message.status == status
    assert Suppression.objects.exists() == suppressed
    assert not InboxEvent.objects.exclude(status="digested").exists()
