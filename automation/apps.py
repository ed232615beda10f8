"""The engine's Django app: events come in, contacts walk through flows, messages go out."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = "Automation"

    def ready(self) -> None:
        post_migrate.connect(_make_feedback_types, sender=self)


def _make_feedback_types(**_: Any) -> None:
    """The event types of the ESPs' feedback exist from the start, so that flows can be triggered by them."""
    from automation.events.feedback import make_feedback_types  # Models cannot be imported before apps are ready.

    make_feedback_types()
