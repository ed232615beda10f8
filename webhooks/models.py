"""What ESPs told us, as they told it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from automation.delivery.models import EspAccount


class InboxEventQuerySet(models.QuerySet["InboxEvent"]):
    def due(self, at: datetime) -> InboxEventQuerySet:
        """Webhook calls that the digest pump should make sense of, oldest first."""
        return self.filter(status=InboxEvent.Status.NEW, due_at__lte=at).order_by("due_at")


class InboxEvent(models.Model):
    """One verified webhook call: raw, stored once however often the ESP repeats it. It may tell of many events.

    Or one of these events, as if it had come alone, because it took no effect (set_aside.py).
    """

    class Status(models.TextChoices):
        NEW = "new", "waiting to be digested"
        DIGESTED = "digested", "digested"
        SET_ASIDE = "set_aside", "set aside: some or all of it cannot be understood"

    account = models.ForeignKey(EspAccount, models.PROTECT, related_name="+", db_index=False)
    dedupe_key = models.BinaryField(max_length=32)  # SHA-256 of account and body, or of what proves the call once.
    content_type = models.CharField(max_length=200)
    headers = models.JSONField(default=dict)  # Those few that reading needs (Dialect.headers).
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status, default=Status.NEW)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The call that this is one event of: the others took effect. No constraint: retention deletes them one by one.
    part_of = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+"
    )
    failure = models.TextField(blank=True)  # Why it was set aside. Names places in the body, never what stands there.

    objects = InboxEventQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="inbox_event_dedupe_key")]
        indexes = [
            # Serves InboxEventQuerySet.due(), the digest pump. Its size is the backlog.
            models.Index(fields=["due_at"], condition=Q(status="new"), name="inbox_event_due"),
            # Serves the admin's list of what was set aside.
            models.Index(fields=["received_at"], condition=Q(status="set_aside"), name="inbox_event_set_aside"),
            # Serves a call's page in the admin, and sweep.py, which looks for what was copied out of a call.
            models.Index(fields=["part_of"], condition=Q(part_of__isnull=False), name="inbox_event_part"),
        ]

    def __str__(self) -> str:
        return f"inbox event {self.pk}"


class Sweep(models.Model):
    """A search of the stored calls for the address of somebody who is to be forgotten. Gone once it is done."""

    address = models.CharField(max_length=254)
    done_up_to = models.BigIntegerField(default=0)  # An InboxEvent's id. What came later is retention's.
    up_to = models.BigIntegerField()
    due_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"sweep {self.pk}"
