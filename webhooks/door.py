"""An account's door: how its ESP speaks, and Anymail's view that, with the account's secrets, knows it by its proof."""

import warnings
from time import monotonic
from typing import Any, NamedTuple

from anymail.exceptions import AnymailNotSupportedWarning
from django.utils.module_loading import import_string

from automation.core.json import JsonObject
from automation.delivery.account_settings import AccountMisconfigured, account_settings
from automation.delivery.models import EspAccount
from webhooks.dialects import dialect_of
from webhooks.dialects.base import Dialect

# How long an account is believed to be as it was read: a webhook costs one statement, not two. Longer, and an edit of
# the account, or its deletion, takes that long to be felt.
FRESH_S = 5.0


class Door(NamedTuple):
    account: EspAccount
    dialect: Dialect
    view: Any  # Used only to check and to read calls, never to answer them. Threads may share it.


_accounts: dict[str, tuple[float, EspAccount]] = {}
_doors: dict[int, Door] = {}


def find_account(key: str) -> EspAccount | None:
    until, known = _accounts.get(key, (0.0, None))
    if known and monotonic() < until:
        return known
    account = EspAccount.objects.filter(key=key).first()
    if account:
        _accounts[key] = (monotonic() + FRESH_S, account)
    return account


def door_of(account: EspAccount) -> Door | None:
    """None: this provider sends no webhooks. Raises AccountMisconfigured: then nothing that comes can be believed."""
    dialect = dialect_of(account.provider)
    if dialect is None:
        return None
    door = _doors.get(account.pk)
    if door is None or door.account.updated_at != account.updated_at:
        door = _doors[account.pk] = Door(account, dialect, _view(account, dialect))
    return door


def forget_doors() -> None:
    """For tests, whose accounts and environment change under the process."""
    _accounts.clear()
    _doors.clear()


def _view(account: EspAccount, dialect: Dialect) -> Any:
    settings = _settings(account, dialect)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)  # SendGrid: it works, facts say.
        try:
            return import_string(dialect.view)(**settings)
        except Exception as error:  # noqa: BLE001 - whatever a cryptography library makes of a bad key
            # Without the library's own words: they might quote the key.
            message = f"ESP account “{account.key}”: its webhook keys cannot be used ({type(error).__name__})."
            raise AccountMisconfigured(message) from None


def _settings(account: EspAccount, dialect: Dialect) -> JsonObject:
    """What the view is constructed with. Empty keys are no keys: Anymail would sign with an empty one."""
    wanted = {*dialect.proofs, *dialect.settings, "webhook_secret"}
    settings = {name: value for name, value in account_settings(account).items() if name in wanted and value}
    if settings.keys().isdisjoint(dialect.proofs):
        names = " or ".join(dialect.proofs)
        raise AccountMisconfigured(f"ESP account “{account.key}”: webhooks need {names} in {account.settings_env}.")
    secrets = settings.get("webhook_secret", [])
    if not all(isinstance(one, str) and ":" in one for one in ([secrets] if isinstance(secrets, str) else secrets)):
        raise AccountMisconfigured(f"ESP account “{account.key}”: webhook_secret has the form user:password.")
    return settings
