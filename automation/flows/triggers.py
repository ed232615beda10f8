"""What makes contacts enter a flow: an event, entry into a segment, or a schedule."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from automation.events.models import EventType
from automation.flows.fields import zone_field


class TriggerKind(models.TextChoices):
    EVENT = "event", "an event"
    SEGMENT = "segment", "entry into a segment"
    SCHEDULE = "schedule", "a schedule"


class Timing(models.TextChoices):
    """When a schedule comes round."""

    ONCE = "once", "once, on a day"
    RECURRING = "recurring", "again and again"
    DATE = "date", "on a date of each contact, such as the end of a trial"
    YEARLY = "yearly", "every year on a date of each contact, such as a birthday"

    @property
    def is_of_contact(self) -> bool:
        """Each contact has a day of its own."""
        return self in {Timing.DATE, Timing.YEARLY}


# A schedule has no event. The other kinds have; that of a segment is segment.entered.
EVENT_UNLESS_SCHEDULE = Q(trigger_kind=TriggerKind.SCHEDULE, trigger=None) | (
    ~Q(trigger_kind=TriggerKind.SCHEDULE) & Q(trigger__isnull=False)
)


def kind_field() -> models.CharField[str, str]:
    event = TriggerKind.EVENT
    return models.CharField(max_length=8, choices=TriggerKind, default=event, db_default=event.value)


def key_field(help_text: str = "") -> models.CharField[str, str]:
    return models.CharField(max_length=64, blank=True, default="", db_default="", help_text=help_text)


class Triggered(models.Model):
    """The part of a flow's draft that says when contacts enter it. Dates and times are those of a wall clock."""

    trigger_kind = kind_field()
    trigger = models.ForeignKey(
        EventType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="trigger event"
    )
    trigger_key = key_field("The key of the segment. Of a schedule: empty, if it is not only for a segment.")

    timing = models.CharField(max_length=12, choices=Timing, blank=True, default="", db_default="")
    day = models.DateField(null=True, blank=True, help_text="Once: the day. Again and again: the first day possible.")
    clock = models.TimeField(null=True, blank=True, help_text="The time of day.")
    clock_zone = zone_field("By the clock of which time zone. Empty: by each contact's own.")
    recurrence = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="An RRULE, such as FREQ=WEEKLY;BYDAY=MO."
    )
    date_path = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Such as contact.attributes.birthday."
    )
    offset_days = models.SmallIntegerField(
        default=0, db_default=0, help_text="Days after the contact's date; below 0: before it."
    )
    for_everybody = models.BooleanField(
        default=False, db_default=False, help_text="Without it, a schedule needs a segment or an entry rule."
    )

    class Meta:
        abstract = True
