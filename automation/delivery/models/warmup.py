"""Warming up: how much a new account or domain may send, day by day, until mailbox providers know it."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from automation.delivery.models.accounts import EspAccount

_percent = [MinValueValidator(0.0), MaxValueValidator(100.0)]


class WarmupPlanQuerySet(models.QuerySet["WarmupPlan"]):
    def unfinished(self) -> WarmupPlanQuerySet:
        """Those that hold mail back."""
        return self.exclude(status=WarmupPlan.Status.DONE)

    def lock(self) -> WarmupPlanQuerySet:
        """In the order of their ids, with their days and the database's time, `at`. Two statements."""
        locked = self.order_by("pk").select_for_update(no_key=True)
        return locked.annotate(at=Now()).prefetch_related("days")


class WarmupPlan(models.Model):
    """One account's plan for one sending domain. It also counts what its current hour and day have used.

    Days are 24 hours long and begin on full hours, as those of tallies do: day 1 with the hour of `started_at`.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "running"
        FROZEN = "frozen", "frozen: bounces or complaints are too many; a person resumes it"
        DONE = "done", "done: no cap any more"

    account = models.ForeignKey(EspAccount, models.CASCADE, related_name="warmup_plans")
    domain = models.CharField(
        max_length=253,
        validators=[RegexValidator(r"^[^@\sA-Z]+$", "What stands after the @ of the sender, in small letters.")],
        help_text="What stands after the @ of the sender, in small letters.",
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(
        default=timezone.now, help_text="Day 1 begins with this hour. Until then, mail is held."
    )
    # Brakes, in percent of what was accepted since the day began.
    max_bounce_percent = models.FloatField(default=3.0, validators=_percent)
    max_complaint_percent = models.FloatField(default=0.1, validators=_percent)
    min_volume = models.PositiveIntegerField(default=100, help_text="Below it, rates mean nothing.")
    rates_from = models.DateTimeField(null=True, editable=False)  # They count no hour that began earlier.
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_reason = models.CharField(max_length=200, blank=True, editable=False)
    # What has been claimed for the first time, of all lanes (warmup/admit.py).
    hour = models.DateTimeField(null=True, editable=False)  # The one that `used_this_hour` counts.
    used_this_hour = models.PositiveIntegerField(default=0, editable=False)
    day = models.PositiveSmallIntegerField(default=0, editable=False)  # The one that `used_today` counts; 0: not begun.
    used_today = models.PositiveIntegerField(default=0, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until then there is no use in waking the release. A hint: the release itself, called by beat, does not heed it.
    full_until = models.DateTimeField(null=True, editable=False)

    objects = WarmupPlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "domain"], name="warmup_plan_key")]
        ordering = ["account", "domain"]
        verbose_name = "warm-up plan"

    def __str__(self) -> str:
        return f"{self.domain} through {self.account}"


class WarmupDay(models.Model):
    """The caps of one day of a plan. After its last day a plan is done."""

    plan = models.ForeignKey(WarmupPlan, models.CASCADE, related_name="days")
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    hourly = models.PositiveIntegerField(help_text="Mails an hour.")
    daily = models.PositiveIntegerField(help_text="Mails a day.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "day"], name="warmup_day_key")]
        ordering = ["plan", "day"]
        verbose_name = "warm-up day"

    def __str__(self) -> str:
        return f"day {self.day}"
