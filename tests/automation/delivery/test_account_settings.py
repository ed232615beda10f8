"""An account's secrets, from the environment."""

import pytest
from django.core.exceptions import ValidationError

from automation.delivery.account_settings import AccountMisconfigured, account_settings, send_settings
from automation.delivery.models import EspAccount


@pytest.fixture
def account():
    return EspAccount(key="shop", provider="postmark", settings_env="ESP_SHOP")


def test_settings_are_a_json_object_in_the_variable_that_the_account_names(account, monkeypatch):
    monkeypatch.setenv("ESP_SHOP", '{"server_token": "t", "message_stream": "é"}')

    assert account_settings(account) == {"server_token": "t", "message_stream": "é"}


def test_each_look_sees_the_environment_of_now(account, monkeypatch):
    monkeypatch.setenv("ESP_SHOP", '{"server_token": "old"}')
    account_settings(account)
    monkeypatch.setenv("ESP_SHOP", '{"server_token": "new"}')

    assert account_settings(account) == {"server_token": "new"}


def test_the_accounts_own_url_wins(account, monkeypatch):
    monkeypatch.setenv("ESP_SHOP", '{"api_url": "https://a.example.com/"}')
    assert account_settings(account)["api_url"] == "https://a.example.com/"

    account.api_url = "https://b.example.com/"

    assert account_settings(account)["api_url"] == "https://b.example.com/"


def test_a_variable_that_is_not_there_is_named(account):
    with pytest.raises(AccountMisconfigured) as caught:
        account_settings(account)

    assert str(caught.value) == "ESP account “shop”: the environment has no ESP_SHOP."


@pytest.mark.parametrize("text", ["", "secret", '{"server_token": "secret"', '["secret"]', '"secret"', "5", "null"])
def test_what_is_no_json_object_is_refused_without_quoting_it(account, monkeypatch, text):
    monkeypatch.setenv("ESP_SHOP", text)

    with pytest.raises(AccountMisconfigured) as caught:
        account_settings(account)

    assert str(caught.value) == "ESP account “shop”: ESP_SHOP is not a JSON object."
    assert "secret" not in repr(caught.value.__cause__)


def test_anymails_send_backend_gets_neither_secrets_of_webhooks_nor_what_is_fixed(account, monkeypatch):
    """A backend that fails in silence would make us believe that every mail was accepted."""
    monkeypatch.setenv(
        "ESP_SHOP",
        '{"server_token": "t", "webhook_secret": "a:b", "signing_secret": "s", "fail_silently": true, "timeout": 900}',
    )

    assert send_settings(account) == {"server_token": "t"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate_limit", 0),
        ("rate_limit", -1),
        ("burst", 0),
        ("concurrency", 0),
        ("max_attempts", 0),
        ("backoff_ms", 0),
        ("key", "Not a key"),
        ("provider", "carrier_pigeon"),
    ],
)
def test_an_account_that_could_not_send_is_refused_by_its_form(account, field, value):
    setattr(account, field, value)

    with pytest.raises(ValidationError) as caught:
        account.full_clean()

    assert set(caught.value.error_dict) == {field}
