"""Segments, who is in them, and whom to ask again when. docs/segments.md says who keeps that true."""

from __future__ import annotations

from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.json import JsonObject
from automation.core.keys import key_validator

TASK: Final = "automation.segments"


class SegmentQuerySet(models.QuerySet["Segment"]):
    def with_size(self) -> Self:
        """With `size`: how many contacts are in it."""
        members = SegmentMember.objects.filter(segment=OuterRef("pk")).values("segment")
        return self.annotate(size=Coalesce(Subquery(members.annotate(size=Count("*")).values("size")), 0))

    def building_on(self, segment: Segment) -> Self:
        """Those whose rule in force names `segment`."""
        return self.filter(builds_on__contains=[segment.pk])


class Segment(models.Model):
    """The contacts for whom a rule holds."""

    key = models.CharField(max_length=64, validators=[key_validator], help_text="Rules and flows name it by this.")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    rule = models.JSONField(default=dict, blank=True)

    # What `revise` makes of the rule. Membership follows this one, so a rule that nobody has revised does nothing.
    in_force = models.JSONField(null=True, editable=False)
    # What can change its answer: events of these types, these parts of a contact, a mail that is sent, membership of
    # these segments (ids). React, the pump and database triggers read them.
    event_types = ArrayField(models.BigIntegerField(), default=list, editable=False)
    contact_paths = ArrayField(models.TextField(), default=list, editable=False)
    counts_sent = models.BooleanField(default=False, db_default=False, editable=False)
    builds_on = ArrayField(models.BigIntegerField(), default=list, db_default=[], editable=False)
    # While everybody is asked: up to which contact it has come, and which transactions must have ended before.
    fill_after = models.BigIntegerField(null=True, editable=False)
    fill_from = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="segment_key")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def asks(self) -> JsonObject:
        """The rule in force. Raises LookupError if there is none yet."""
        if self.in_force is None:
            raise LookupError(f"The rule of segment {self.key} is not in force.")
        rule: JsonObject = self.in_force
        return rule

    @property
    def is_filled(self) -> bool:
        return self.in_force is not None and self.fill_after is None


class SegmentMember(models.Model):
    """This contact is in this segment."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="memberships")
    since = models.DateTimeField()

    class Meta:
        # Its index serves the rules that ask who is in a segment, and the counts.
        constraints = [models.UniqueConstraint(fields=["segment", "contact"], name="segment_member_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class SegmentNote(models.Model):
    """A mail to this contact was sent. Written by a database trigger where a segment counts that, and soon made checks.

    Who sends holds no contact's lock, nor may he take one, having the message's: so he cannot write checks himself.
    """

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"sent to {self.contact_id}"


class SegmentCheckQuerySet(models.QuerySet["SegmentCheck"]):
    def set_aside(self) -> SegmentCheckQuerySet:
        return self.filter(status=SegmentCheck.Status.SET_ASIDE)


class SegmentCheck(models.Model):
    """Ask at `due_at` whether this contact is in this segment. Only written by who holds the contact's lock."""

    class Status(models.TextChoices):
        DUE = "due", "waiting to be asked"
        SET_ASIDE = "set_aside", "set aside: asking keeps failing"

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.DUE)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)  # Why it was set aside.

    objects = SegmentCheckQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "segment"], name="segment_check_once")]
        # Serves the claim of the segments pump. Its size is the backlog, and those whom time alone will move.
        # The second serves the pages where somebody looks after those set aside.
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="due"), name="segment_check_due"),
            models.Index(fields=["segment"], condition=Q(status="set_aside"), name="segment_check_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}?"
