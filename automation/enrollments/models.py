"""Contacts walking through flows."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.ids import new_id
from automation.events.models import Event
from automation.flows.models import Flow, FlowVersion


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def due(self, at: datetime, *, scheduled: bool) -> EnrollmentQuerySet:
        """Enrollments that the advance pump should move on. Those of a paused flow wait.

        `scheduled`: those that a schedule has entered, which may be a million at once; or those of events.
        """
        active = self.filter(status=Enrollment.Status.ACTIVE, due_at__lte=at, occurrence__isnull=not scheduled)
        return active.exclude(flow__status=Flow.Status.PAUSED).order_by("due_at")


class Enrollment(models.Model):
    """One contact's walk through one version of a flow."""

    class Status(models.TextChoices):
        ACTIVE = "active", "on its way"
        COMPLETED = "completed", "reached an end"
        GOAL_REACHED = "goal_reached", "ended: the goal was reached"
        EXITED = "exited", "ended: there was a reason to stop"
        SET_ASIDE = "set_aside", "set aside: a step keeps failing"
        ERASED = "erased", "left: the contact was erased"
        LEFT = "left", "left: taken out when a new version was published"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="enrollments", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="+", db_index=False)
    # Pinned at entry: publishing a new version moves people in mid-flow only where its migration plan says so.
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", db_index=False)
    # What it entered on. Rules and templates of later steps read its payload. Null: a schedule entered it, or it has
    # ended and retention has deleted the event. No constraint, since no index tells who names an event.
    event = models.ForeignKey(
        Event, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    # What ended its latest wait for an event, for rules and templates of later steps. Null: nothing has, or retention
    # has deleted it. No constraint, as above.
    awaited = models.ForeignKey(
        Event, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    # The time of the schedule that entered it. Null: an event did.
    occurrence = models.ForeignKey("automation.Occurrence", models.PROTECT, null=True, related_name="+", db_index=False)
    # What makes this run this run: "" (once), the id of the event or the key of the occurrence (always), or the value
    # of a field (once per key).
    entry_key = models.CharField(max_length=200)

    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    step_key = models.CharField(max_length=64, blank=True)  # The next step to run; empty at the end.
    visits = models.PositiveIntegerField(default=0)  # Steps run so far; numbers the next step run.
    due_at = models.DateTimeField(null=True)  # Null: finished.
    # When its wait ends, if it is due before, only to be looked at: time alone may then have brought its flow's goal or
    # reason to stop. Null: when it is due.
    waits_until = models.DateTimeField(null=True)
    # Since when it has rested at that step, which has been run and is to be resumed. Null: the step is to be run.
    rests_since = models.DateTimeField(null=True)
    # What else may let it go on: ids of event types, or CHANGE (flows/awaits.py). Null: time alone.
    awaits = ArrayField(models.BigIntegerField(), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)  # Why it was set aside.
    entered_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    # When a migration plan last moved it. From then on it is not mailed again what it had before (mails_had.py).
    moved_at = models.DateTimeField(null=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # Decides who enters, however many workers try at once. Also serves the contact's page.
            models.UniqueConstraint(fields=["contact", "flow", "entry_key"], name="enrollment_entry")
        ]
        indexes = [
            # Serve EnrollmentQuerySet.due(), the advance pump. Finished rows stay out, so their size is the backlog.
            models.Index(fields=["due_at"], condition=Q(status="active", occurrence=None), name="enrollment_due_event"),
            models.Index(
                fields=["due_at"],
                condition=Q(status="active", occurrence__isnull=False),
                name="enrollment_due_schedule",
            ),
            # Serves listening.py and go_on.py: who waits for what happens to these contacts. Mostly nobody.
            models.Index(
                fields=["contact"], condition=Q(status="active", awaits__isnull=False), name="enrollment_awaits"
            ),
            # Serves the flow's page: who is in it, and where.
            models.Index(fields=["flow", "status"], name="enrollment_flow"),
            # Serves migration plans (migrate.py): who waits for a step of a version.
            models.Index(
                fields=["flow_version", "step_key"], condition=Q(status="active"), name="enrollment_in_flight"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def goes_on_at(self) -> datetime | None:
        """When it goes on if nothing happens; None: finished."""
        return self.waits_until or self.due_at


class StepRun(models.Model):
    """One step, run once, for one enrollment: what it did and what it saw."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="step_runs", db_index=False)
    step_key = models.CharField(max_length=64)
    visit = models.PositiveIntegerField()
    result = models.JSONField(default=dict)
    ran_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # A step that was run is never run again, whatever is retried. Also serves the enrollment's page.
        constraints = [models.UniqueConstraint(fields=["enrollment", "step_key", "visit"], name="step_run_once")]
        ordering = ["visit"]

    def __str__(self) -> str:
        return f"{self.step_key} #{self.visit}"


class LastEntry(models.Model):
    """When a contact last entered a flow that may be entered again after a time: that decides about the next entry."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="+")
    event_id = models.UUIDField()  # On which it entered.
    entered_at = models.DateTimeField()
    pause = models.DurationField()  # Before the next entry, as the flow said when it was last asked.

    class Meta:
        # Decides who enters again, however many workers try at once (enrollments/re_enter.py).
        constraints = [models.UniqueConstraint(fields=["contact", "flow"], name="last_entry")]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.flow_id}"


class Holdout(models.Model):
    """One contact who would have entered a flow and was held out of it, so that there is something to compare with."""

    class Scope(models.TextChoices):
        FLOW = "flow", "held out of this flow"
        ALL = "all", "held out of all marketing"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="holdouts", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="+", db_index=False)
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", db_index=False)
    entry_key = models.CharField(max_length=200)  # As an enrollment's: of the run that was not begun.
    scope = models.CharField(max_length=4, choices=Scope)
    held_out_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # A run is held out once, however often its event is decided on. Also serves the contact's page.
        constraints = [models.UniqueConstraint(fields=["contact", "flow", "entry_key"], name="holdout_entry")]
        # Serves the flow's page: how many, and who (enrollments/lift.py).
        indexes = [models.Index(fields=["flow", "flow_version"], name="holdout_flow")]

    def __str__(self) -> str:
        return f"{self.contact_id} held out of {self.flow_id}"
