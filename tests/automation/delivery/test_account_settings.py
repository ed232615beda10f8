"""An account's secrets, from the environment."""

import json
from importlib import import_module

import pytest
from anymail.exceptions import AnymailConfigurationError
from django.core.exceptions import ValidationError

from automation.delivery.account_settings import (
    NEEDED_SETTINGS,
    AccountMisconfigured,
    account_settings,
    send_settings,
)
from automation.delivery.models import EspAccount

pytestmark = pytest.mark.filterwarnings("ignore:.*sendgrid:Warning")


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

    assert send_settings(account, timeouts_s=(5, 30)) == {"server_token": "t", "timeout": (5, 30)}


@pytest.mark.parametrize(("provider", "names"), NEEDED_SETTINGS.items())
def test_anymail_needs_what_we_say_it_needs_and_no_more(provider, names):
    settings = dict.fromkeys(names, "t")
    backend = import_module(f"anymail.backends.{provider}").EmailBackend

    assert backend(**settings)
    for name in names:
        with pytest.raises(AnymailConfigurationError):
            backend(**{other: value for other, value in settings.items() if other != name})


@pytest.mark.parametrize("text", ["{}", '{"server_token": ""}', '{"server_token": null}', '{"server_token": ["x"]}'])
def test_a_setting_that_is_missing_is_named(account, monkeypatch, text):
    monkeypatch.setenv("ESP_SHOP", text)

    with pytest.raises(AccountMisconfigured) as caught:
        send_settings(account, timeouts_s=(5, 30))

    assert str(caught.value) == "ESP account “shop”: ESP_SHOP needs a text “server_token”."


def test_amazons_client_gets_one_attempt_and_our_time_outs_beside_the_accounts_own_wishes(account, monkeypatch):
    account.provider, account.api_url = "amazon_ses", "https://ses.example.com/"
    wishes = {"region_name": "eu-west-1", "config": {"tcp_keepalive": True, "read_timeout": 900}}
    monkeypatch.setenv("ESP_SHOP", json.dumps({"client_params": wishes, "configuration_set_name": "shop"}))

    assert send_settings(account, timeouts_s=(5, 30)) == {
        "configuration_set_name": "shop",
        "client_params": {
            "region_name": "eu-west-1",
            "endpoint_url": "https://ses.example.com/",
            "config": {
                "tcp_keepalive": True,
                "retries": {"total_max_attempts": 1, "mode": "standard"},
                "connect_timeout": 5,
                "read_timeout": 30,
            },
        },
    }


@pytest.mark.parametrize("wishes", ['{"client_params": "x"}', '{"client_params": {"config": ["x"]}}'])
def test_wishes_that_amazons_client_cannot_be_given_are_named(account, monkeypatch, wishes):
    account.provider = "amazon_ses"
    monkeypatch.setenv("ESP_SHOP", wishes)

    with pytest.raises(AccountMisconfigured, match="needs an object"):
        send_settings(account, timeouts_s=(5, 30))


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
