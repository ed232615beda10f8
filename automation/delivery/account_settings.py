"""An ESP account's secrets: read from the environment variable that the account names, never from the database."""

import json
import os

from automation.core.json import JsonObject
from automation.delivery.models import EspAccount
from automation.delivery.providers import Provider

# Ours, not Anymail's send backend's: the webhook door reads these.
WEBHOOK_SETTINGS = {
    "webhook_secret",
    "webhook_key",
    "webhook_max_age_s",
    "webhook_url",
    "webhook_signing_key",
    "signing_secret",
    "sns_topics",
    "tracking_secret",
    "tracking_webhook_verification_key",
}
# Not for an account to say: a send that fails in silence would pass for accepted, and the lease bounds the time-outs.
FIXED_SETTINGS = {"fail_silently", "timeout"}
# Without which Anymail makes no backend. Amazon's can also stand in AWS' own variables and files.
NEEDED_SETTINGS: dict[Provider, tuple[str, ...]] = {
    Provider.AMAZON_SES: (),
    Provider.BREVO: ("api_key",),
    Provider.MAILERSEND: ("api_token",),
    Provider.MAILGUN: ("api_key",),
    Provider.MAILJET: ("api_key", "secret_key"),
    Provider.MAILTRAP: ("api_token",),
    Provider.MANDRILL: ("api_key",),
    Provider.POSTAL: ("api_key", "api_url"),
    Provider.POSTMARK: ("server_token",),
    Provider.RESEND: ("api_key",),
    Provider.SCALEWAY: ("secret_key", "project_id"),
    Provider.SENDGRID: ("api_key",),
    Provider.SPARKPOST: ("api_key",),
    Provider.UNISENDER_GO: ("api_key", "api_url"),
}


class AccountMisconfigured(Exception):
    """The account's environment variable is missing or is not a JSON object. The message never quotes its value."""


def account_settings(account: EspAccount) -> JsonObject:
    """All settings of the account, by Anymail's names in small letters: `server_token`, `webhook_secret` and so on."""
    text = os.environ.get(account.settings_env)
    if text is None:
        raise AccountMisconfigured(f"ESP account “{account.key}”: the environment has no {account.settings_env}.")
    try:
        settings = json.loads(text)
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise AccountMisconfigured(f"ESP account “{account.key}”: {account.settings_env} is not a JSON object.")
    return {**settings, "api_url": account.api_url} if account.api_url else settings


def send_settings(account: EspAccount, *, timeouts_s: tuple[float, float]) -> JsonObject:
    """What Anymail's send backend of this account is constructed with. The time-outs: to connect, to read."""
    left_out = WEBHOOK_SETTINGS | FIXED_SETTINGS
    settings = {name: value for name, value in account_settings(account).items() if name not in left_out}
    for name in NEEDED_SETTINGS[Provider(account.provider)]:
        if not (isinstance(settings.get(name), str) and settings[name]):
            raise AccountMisconfigured(f"ESP account “{account.key}”: {account.settings_env} needs a text “{name}”.")
    if account.provider == Provider.AMAZON_SES:
        return _for_boto(settings, account, *timeouts_s)
    return {**settings, "timeout": timeouts_s}


def _for_boto(settings: JsonObject, account: EspAccount, connect_s: float, read_s: float) -> JsonObject:
    """With one attempt: left to itself, boto3 repeats a call that has timed out, and SES may take each of them."""
    client = dict(_object(settings, "client_params", account))
    client["config"] = {
        **_object(client, "config", account),
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "connect_timeout": connect_s,
        "read_timeout": read_s,
    }
    if url := settings.pop("api_url", ""):
        client["endpoint_url"] = url
    return {**settings, "client_params": client}


def _object(settings: JsonObject, name: str, account: EspAccount) -> JsonObject:
    value = settings.get(name, {})
    if not isinstance(value, dict):
        raise AccountMisconfigured(f"ESP account “{account.key}”: {account.settings_env} needs an object “{name}”.")
    return value
