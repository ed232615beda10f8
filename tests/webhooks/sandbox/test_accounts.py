import pytest

from webhooks.sandbox.accounts import Account, account_from


def test_an_accounts_secrets_are_those_that_signalpost_has():
    environ = {
        "ESP_DEMO_EU": '{"api_key": "re_1", "webhook_secret": "a:b", "signing_secret": "whsec_x", "region": "eu"}'
    }

    account = account_from("demo-eu", environ)

    assert account == Account("demo-eu", token="re_1", basic_auth="a:b", signing_secret="whsec_x")


@pytest.mark.parametrize("variable", ["not json", "[]", "null"])
def test_a_variable_that_cannot_be_read_counts_as_not_there(variable):
    assert account_from("demo", {"ESP_DEMO": variable}) == Account("demo")


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 51, "a.b"])
def test_not_everything_is_an_accounts_key(key):
    assert account_from(key, {}) is None


@pytest.mark.parametrize(
    ("token", "shown", "known"), [(None, "any", True), (None, "", False), ("t", "t", True), ("t", "u", False)]
)
def test_without_a_token_of_its_own_an_account_takes_any(token, shown, known):
    assert Account("demo", token=token).knows(shown) is known
