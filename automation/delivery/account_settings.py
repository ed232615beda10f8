"""An ESP account's secrets: read from the environment variable that the account names, never from the database."""

import json
import os

from automation.core.json import JsonObject
from automation.delivery.models import EspAccount

# Ours, not Anymail's send backend's: the webhook door reads these.
WEBHOOK_SETTINGS = {
    "webhook_secret",
    "webhook_key",
    "webhook_url",
    "webhook_signing_key",
    "signing_secret",
    "tracking_secret",
    "tracking_webhook_verification_key",
}
# Not for an account to say: a send that fails in silence would pass for accepted, and the lease bounds the time-outs.
FIXED_SETTINGS = {"fail_silently", "timeout"}


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


def send_settings(account: EspAccount) -> JsonObject:
    """What Anymail's send backend of this account is constructed with."""
    left_out = WEBHOOK_SETTINGS | FIXED_SETTINGS
    return {name: value for name, value in account_settings(account).items() if name not in left_out}
