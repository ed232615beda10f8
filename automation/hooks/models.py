"""Calls to other services that flows ask for."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.ids import new_id
from automation.flows.models import Flow


class HookCallQuerySet(models.QuerySet["HookCall"]):
    def due(self, at: datetime) -> HookCallQuerySet:
        """Calls that the hooks pump should make. Those of a paused flow wait."""
        queued = self.filter(status=HookCall.Status.QUEUED, due_at__lte=at)
        return queued.exclude(flow__status=Flow.Status.PAUSED).order_by("due_at")


class HookCall(models.Model):
    """One call that a step asks for, until it is taken. It may be made more than once, with one id."""

    class Status(models.TextChoices):
        QUEUED = "queued", "queued, or being made"
        TAKEN = "taken", "taken by the service"
        SET_ASIDE = "set_aside", "dead letter: the service did not take it"
        WITHDRAWN = "withdrawn", "not made: flow archived, contact erased or at home elsewhere"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dedupe_key = models.CharField(max_length=200)
    enrollment = models.ForeignKey("automation.Enrollment", models.CASCADE, related_name="hook_calls", db_index=False)
    step_key = models.CharField(max_length=64)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="+", db_index=False)
    url = models.CharField(max_length=2000)
    secret_env = models.CharField(max_length=100)
    body = models.TextField()  # To the byte: a repetition says the same.

    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    # When to make it. While it is made: when to give that up, which also tells one claim from another.
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered = models.PositiveSmallIntegerField(null=True)  # The last HTTP status.
    failure = models.TextField(blank=True)  # Why the last try failed.
    created_at = models.DateTimeField(default=timezone.now)

    objects = HookCallQuerySet.as_manager()

    class Meta:
        permissions = [("replay_hookcall", "Can make calls again that were set aside")]
        # A step asks once, whatever is retried. Also serves the enrollment's page, whose id it begins with.
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="hook_call_once")]
        indexes = [
            # Serves the hooks pump (hooks/call.py). What is taken stays out, so its size is the backlog.
            models.Index(fields=["due_at"], condition=Q(status="queued"), name="hook_call_due"),
            # Serves the overview's count of dead letters.
            models.Index(fields=["due_at"], condition=Q(status="set_aside"), name="hook_call_set_aside"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.id.hex}"
