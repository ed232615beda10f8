"""The engine's Django app: events come in, contacts walk through flows, messages go out."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone

if TYPE_CHECKING:
    from suppression.models import Suppression


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = "Automation"

    def ready(self) -> None:
        from automation.contacts.signals import contacts_changed  # As below.
        from suppression.signals import address_suppressed  # Models cannot be imported before apps are ready.

        post_migrate.connect(_make_own_types, sender=self)
        address_suppressed.connect(_emit_unsubscribes)
        contacts_changed.connect(_let_go_on)


def _make_own_types(**_: Any) -> None:
    """Signalpost's own event types exist from the start, so that flows can be triggered by them."""
    from automation.events.feedback import make_feedback_types  # As above.
    from automation.events.membership import make_membership_types

    make_feedback_types()
    make_membership_types()


def _emit_unsubscribes(suppressions: "list[Suppression]", **_: Any) -> None:
    from automation.delivery.feedback import emit_unsubscribes  # As above.

    emit_unsubscribes(suppressions, at=timezone.now())


def _let_go_on(contact_ids: list[int], **_: Any) -> None:
    from automation.enrollments.go_on import go_on_after_change  # As above.

    go_on_after_change(contact_ids, at=timezone.now())
