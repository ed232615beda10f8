"""Stored calls, as if they had come through the door."""

from typing import Any

from automation.core.ids import new_id
from automation.delivery.models import EspAccount
from tests.webhooks.esps import ESPS, Call
from webhooks.digest import digest_due_webhooks
from webhooks.models import InboxEvent


def make_row(account: EspAccount, payload: Any, **fields: Any) -> InboxEvent:
    """One call of this account's ESP."""
    return keep(account, ESPS[account.provider].call(payload), **fields)


def keep(account: EspAccount, call: Call, **fields: Any) -> InboxEvent:
    kept = {name: value for name, value in call.headers.items() if name == "svix-id"}
    return InboxEvent.objects.create(
        **{
            "account": account,
            "dedupe_key": new_id().bytes,
            "content_type": call.content_type,
            "headers": kept,
            "body": call.body,
            **fields,
        }
    )


def digest_all() -> None:
    while digest_due_webhooks():
        pass
