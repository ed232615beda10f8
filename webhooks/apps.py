"""The ESPs' door: what they report is stored as it came, and understood later."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from automation.privacy.signals import contact_erased  # Models cannot be imported before apps are ready.

        contact_erased.connect(_sweep_calls)


def _sweep_calls(addresses: Sequence[str], **_: Any) -> None:
    from webhooks.sweep import order_sweeps  # As above.

    order_sweeps(addresses)
