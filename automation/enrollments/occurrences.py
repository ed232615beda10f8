"""The times that schedules come round: a row each, planned ahead, which a pump claims when it is due."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import F, Q

from automation.flows.models import Flow, FlowVersion

TASK: Final = "automation.schedule"
# “2026-12-01T09:00”: so that they sort by time.
WALL: Final = "%Y-%m-%dT%H:%M"


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def due(self, at: datetime) -> OccurrenceQuerySet:
        """Those whose next contacts the pump should enter. Those of a paused flow wait."""
        planned = Q(status=Occurrence.Status.PLANNED, flow_version=F("flow__live_version"))
        return self.filter(
            planned | Q(status=Occurrence.Status.RUNNING), due_at__lte=at, flow__status=Flow.Status.LIVE
        ).order_by("due_at", "pk")


class Occurrence(models.Model):
    """One time that a flow's schedule comes round, and how far its contacts have been entered."""

    class Status(models.TextChoices):
        PLANNED = "planned", "planned"
        RUNNING = "running", "running: contacts are entering"
        PAUSED = "paused", "paused: nobody enters until it is resumed"
        DONE = "done", "done"
        SKIPPED = "skipped", "skipped: it was too late"
        STOPPED = "stopped", "stopped: whoever had not entered does not"
        SET_ASIDE = "set_aside", "set aside: entering contacts keeps failing"

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="occurrences", db_index=False)
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", db_index=False)
    wall_time = models.CharField(max_length=16)  # When, by the schedule's clock (WALL). Names it within the flow.

    status = models.CharField(max_length=12, choices=Status, default=Status.PLANNED)
    due_at = models.DateTimeField(null=True)  # When it begins or goes on; null: finished.
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)  # Why it was set aside.
    reason = models.CharField(max_length=200, blank=True)  # Why it was skipped, paused or stopped.
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    # One sweep goes over all contacts there are as it begins, in the order of their ids. Where each contact has its own
    # clock and its own day, others follow until the day is over everywhere: dates may become known meanwhile.
    sweep_began_at = models.DateTimeField(null=True)
    last_sweep_at = models.DateTimeField(null=True)  # When the one before it began.
    cursor = models.BigIntegerField(default=0)  # Every contact up to this id has been looked at.
    last_id = models.BigIntegerField(default=0)
    contacts = models.PositiveIntegerField(default=0)  # So many are there to be looked at,
    looked_at = models.PositiveIntegerField(default=0)  # and so many have been, in this sweep.
    entered = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    not_in_rollout = models.PositiveIntegerField(default=0)
    not_again = models.PositiveIntegerField(default=0)  # The unique constraint said so: they had entered before.

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = "time of a schedule"
        verbose_name_plural = "times of schedules"
        constraints = [
            # Of any number of schedulers, one makes it. Also serves the flow's page, and planning the next.
            models.UniqueConstraint(fields=["flow", "wall_time"], name="occurrence_of_flow")
        ]
        indexes = [
            # Serves OccurrenceQuerySet.due(). Finished rows stay out.
            models.Index(fields=["due_at"], condition=Q(status__in=["planned", "running"]), name="occurrence_due")
        ]

    def __str__(self) -> str:
        return self.wall_time.replace("T", " ")

    @property
    def wall(self) -> datetime:
        """When it is, by the wall clock."""
        return datetime.strptime(self.wall_time, WALL)  # noqa: DTZ007  # A wall clock has no zone.
