"""What marketers decide: flows, their draft steps, and the immutable versions that run."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from automation.core.keys import key_validator
from automation.core.lanes import Lane
from automation.events.models import EventType
from automation.flows.fields import brake_field, percent_field, zone_field
from automation.flows.triggers import EVENT_UNLESS_SCHEDULE, Triggered, key_field, kind_field


class ReEntry(models.TextChoices):
    ONCE = "once", "never again: each contact enters once"
    AFTER = "after", "again after a time"
    ALWAYS = "always", "each event, or time of a schedule, enters the contact anew"
    PER_KEY = "per_key", "once for each value of a field of the event (one cart, one run)"


class UncertainPolicy(models.TextChoices):
    """What happens to a message when nobody can say whether the ESP took it, after the grace period."""

    LEAVE = "leave", "leave it: rather no mail than two"
    RESEND = "resend", "send again: rather two mails than none"


class LatePolicy(models.TextChoices):
    """What happens to mail of a wait that came to its end much later than it should have."""

    SEND = "send", "send it all the same"
    SKIP = "skip", "skip it, and go on to the next step"


class QuietHours(models.TextChoices):
    AUTO = "auto", "kept, unless its mail is transactional"
    KEEP = "keep", "kept"
    IGNORE = "ignore", "not kept: it sends at any hour"


class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, "Mondays"
    TUESDAY = 1, "Tuesdays"
    WEDNESDAY = 2, "Wednesdays"
    THURSDAY = 3, "Thursdays"
    FRIDAY = 4, "Fridays"
    SATURDAY = 5, "Saturdays"
    SUNDAY = 6, "Sundays"


class Flow(Triggered):
    """What should follow an event, or a date: the draft that marketers edit, and a pointer to the version that runs."""

    class Status(models.TextChoices):
        DRAFT = "draft", "draft: never published"
        LIVE = "live", "live"
        PAUSED = "paused", "paused: nobody enters, nobody moves on, nothing is sent"
        ARCHIVED = "archived", "archived"

    key = models.CharField(max_length=64, validators=[key_validator])
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)

    entry_rule = models.JSONField(default=dict, blank=True, help_text="Who enters. Empty: everybody.")
    re_entry = models.CharField(max_length=12, choices=ReEntry, default=ReEntry.ONCE)
    re_entry_path = models.CharField(
        max_length=200, blank=True, help_text="For “once per key”: the field, such as event.payload.cart_id."
    )
    re_entry_after = models.DurationField(
        null=True, blank=True, help_text="For “again after a time”: how long after a contact entered."
    )
    max_event_age = models.DurationField(
        null=True, blank=True, help_text="An event that is older when it is decided on enters nobody. Empty: no limit."
    )
    lane = models.CharField(max_length=16, choices=Lane, default=Lane.TRIGGERED)
    topic = models.ForeignKey(
        "suppression.Topic",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What people can unsubscribe from. Every flow has one, but for those in the transactional lane.",
    )
    sender = models.ForeignKey("automation.SenderIdentity", models.PROTECT, related_name="+")
    uncertain_policy = models.CharField(max_length=8, choices=UncertainPolicy, default=UncertainPolicy.LEAVE)

    # What ends a walk before its last step (flows/endings.py).
    goal_event = models.ForeignKey(EventType, models.PROTECT, null=True, blank=True, related_name="+")
    goal_rule = models.JSONField(default=dict, blank=True, db_default={})
    exit_event = models.ForeignKey(EventType, models.PROTECT, null=True, blank=True, related_name="+")
    exit_rule = models.JSONField(default=dict, blank=True, db_default={})
    # After everything was down, or the flow paused.
    late_policy = models.CharField(
        max_length=4, choices=LatePolicy, default=LatePolicy.SEND, db_default=LatePolicy.SEND.value
    )
    late_after = models.DurationField(default=timedelta(hours=6), db_default=timedelta(hours=6))

    # When its mail may go out, by the contact's clock (delivery/hours.py).
    send_from = models.TimeField(null=True, blank=True)
    send_until = models.TimeField(null=True, blank=True)
    send_weekdays = ArrayField(models.PositiveSmallIntegerField(choices=Weekday), null=True, blank=True)
    quiet_hours = models.CharField(
        max_length=8, choices=QuietHours, default=QuietHours.AUTO, db_default=QuietHours.AUTO.value
    )
    time_zone = zone_field("Of contacts whose own is not known. Empty: that of the house rules.")

    # Who takes part, and how we tell whether it does any good (enrollments/arms.py, enrollments/lift.py).
    rollout_percent = percent_field(100.0, "Of those who would enter, so many may, in percent: always the same people.")
    holdout_percent = percent_field(0.0, "Of those who would enter, so many get nothing, in percent, for comparison.")
    conversion_event = models.ForeignKey(
        EventType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What this flow is to bring about.",
    )
    conversion_within = models.DurationField(
        default=timedelta(days=7),
        db_default=timedelta(days=7),
        help_text="Counts up to so long after somebody entered.",
    )

    # Who or what paused it, and why. Empty while it is not paused.
    paused_reason = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    paused_by = models.CharField(max_length=150, blank=True, default="", db_default="", editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    brakes_from = models.DateTimeField(null=True, editable=False)  # The brakes heed no hour that began earlier.
    max_error_percent = brake_field(50.0, "Errors")
    max_bounce_percent = brake_field(5.0, "Hard bounces")
    max_block_percent = brake_field(10.0, "Blocks")
    max_complaint_percent = brake_field(0.3, "Complaints")

    live_version = models.ForeignKey(
        "automation.FlowVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="flow_key"),
            models.CheckConstraint(
                condition=EVENT_UNLESS_SCHEDULE,
                name="flow_event_unless_schedule",
                violation_error_message="Choose the event; a schedule has none.",
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One step of a flow's draft. Editing it changes nothing that runs, until the flow is published."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=0, db_index=False)
    key = models.CharField(max_length=64, validators=[key_validator], help_text="Names this step within the flow.")
    kind = models.CharField(max_length=16)  # One of automation/flows/steps.
    # What several kinds have …
    template = models.ForeignKey("templates_app.Template", models.PROTECT, null=True, blank=True, related_name="+")
    wait_for = models.DurationField(null=True, blank=True, validators=[])
    rule = models.JSONField(default=dict, blank=True)
    next_key = models.CharField(max_length=64, blank=True)  # Empty: the step below.
    else_key = models.CharField(max_length=64, blank=True)
    # … and what one kind alone has, as it declares it.
    options = models.JSONField(default=dict, blank=True, db_default={})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow", "key"], name="step_key")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.key


class FlowVersion(models.Model):
    """What was published. A database trigger refuses every change to it."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    # What messages and the react pump need as keys of other tables …
    trigger_kind = kind_field()
    trigger = models.ForeignKey(EventType, models.PROTECT, null=True, related_name="+", db_index=False)
    trigger_key = key_field()  # The segment's.
    lane = models.CharField(max_length=16, choices=Lane)
    topic = models.ForeignKey("suppression.Topic", models.PROTECT, null=True, related_name="+", db_index=False)
    sender = models.ForeignKey("automation.SenderIdentity", models.PROTECT, related_name="+", db_index=False)
    send_when = models.JSONField(null=True)  # Read by each claim; its shape is automation/flows/send_when.py.
    # … and all the rest, whose shape is automation/flows/graph.py.
    definition = models.JSONField()
    content_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_number"),
            models.CheckConstraint(condition=EVENT_UNLESS_SCHEDULE, name="flow_version_event_unless_schedule"),
            models.CheckConstraint(
                condition=Q(lane=Lane.TRANSACTIONAL, topic=None)
                | (~Q(lane=Lane.TRANSACTIONAL) & Q(topic__isnull=False)),
                name="flow_version_topic_unless_transactional",
            ),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.flow} v{self.number}"
