"""What happened, as the backend services and the ESPs told us."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from automation.contacts.models import Contact

# Names that only Signalpost itself may use: the feedback of ESPs, and news of segments, come as events of these types.
RESERVED_PREFIXES = ("email.", "segment.")
RESERVED = f"Names that begin with {' or '.join(RESERVED_PREFIXES)} are for Signalpost's own events."


class EventType(models.Model):
    """A kind of event, and the shape that its payload must have."""

    name = models.CharField(max_length=100, help_text="As it stands in the API, such as OrderCompleted.")
    description = models.TextField(blank=True)
    schema = models.JSONField(
        default=dict, blank=True, help_text="JSON Schema (2020-12) of the payload. Empty: anything is taken."
    )
    pii_paths = models.JSONField(default=list, blank=True, help_text="Payload paths that hold personal data.")
    sample = models.JSONField(default=dict, blank=True, help_text="A payload for previews and tests.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="event_type_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EventQuerySet(models.QuerySet["Event"]):
    def due(self, at: datetime) -> EventQuerySet:
        """Events that wait to be decided on, oldest first."""
        return self.filter(status=Event.Status.NEW, due_at__lte=at).order_by("due_at")

    def lock_due(self, at: datetime, limit: int) -> models.query.RawQuerySet[Event]:
        """The first of `due()`, locked for the react pump; what others hold is skipped.

        Each knows whether a segment counts its type (`moves_segments`).
        """
        return self.raw(_LOCK_DUE, [at, limit])


# As text, since having Django compile it costs more than to run it; and as the status is no parameter, PostgreSQL can
# keep a plan that uses the partial index.
_LOCK_DUE = """
SELECT id, event_type_id, contact_id, occurred_at, payload, metadata, due_at, attempts,
       event_type_id = ANY(ARRAY(SELECT unnest(event_types) FROM automation_segment)) AS moves_segments
FROM automation_event
WHERE status = 'new' AND due_at <= %s
ORDER BY due_at
LIMIT %s
FOR NO KEY UPDATE SKIP LOCKED
"""


class Event(models.Model):
    """One thing that happened to one contact. What was told never changes; what we made of it is added once."""

    class Status(models.TextChoices):
        NEW = "new", "waiting to be decided on"
        DECIDED = "decided", "decided"
        SET_ASIDE = "set_aside", "set aside: it could not, or must not, be decided on"

    id = models.UUIDField(primary_key=True, editable=False)  # The client's `event_id`: the seed of idempotency.
    event_type = models.ForeignKey(EventType, models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="events", db_index=False)
    occurred_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    content_hash = models.BinaryField(max_length=32)  # SHA-256 of what the client sent; tells a repeat from a conflict.
    received_at = models.DateTimeField(default=timezone.now)

    status = models.CharField(max_length=12, choices=Status, default=Status.NEW)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)  # Why it was set aside.
    # One entry per flow that listens to this type: entered or not, and why, with the values seen.
    decisions = models.JSONField(default=list)
    # Who listened, if not everybody was asked (enrollments/passed_over.py). Null: everybody was.
    listeners_key = models.UUIDField(null=True, editable=False)

    # May a segment count it? Who does not know has to ask; `lock_due` knows.
    moves_segments = True

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            # Serves EventQuerySet.due(), the react pump. Its size is the backlog.
            models.Index(fields=["due_at"], condition=Q(status="new"), name="event_due"),
            # Serves the contact's page and the rules about history.
            models.Index(fields=["contact", "event_type", "occurred_at"], name="event_history"),
            # Serves the admin's list of events set aside.
            models.Index(fields=["received_at"], condition=Q(status="set_aside"), name="event_set_aside"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def facts(self) -> dict[str, object]:
        """What rules and templates may read below `event.`"""
        return {
            "id": str(self.id),
            "occurred_at": self.occurred_at.isoformat(),
            "payload": self.payload,
            "metadata": self.metadata,
        }
