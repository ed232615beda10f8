"""Warming up: how much a new account or domain may send, day by day, until mailbox providers know it."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from automation.delivery.models.accounts import EspAccount


class WarmupPlan(models.Model):
    """One account's plan for one sending domain. It also counts what its current hour and day have used."""

    class Status(models.TextChoices):
        RUNNING = "running", "running"
        FROZEN = "frozen", "frozen: bounces or complaints are too many; a person resumes it"
        DONE = "done", "done: no cap any more"

    account = models.ForeignKey(EspAccount, models.CASCADE, related_name="warmup_plans")
    domain = models.CharField(max_length=253, help_text="What stands after the @ of the sender, in small letters.")
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(default=timezone.now, help_text="Day 1 begins here.")
    # Brakes, in percent of what was accepted since the day began.
    max_bounce_percent = models.FloatField(default=3.0)
    max_complaint_percent = models.FloatField(default=0.1)
    min_volume = models.PositiveIntegerField(default=100, help_text="Below it, rates mean nothing.")
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_reason = models.CharField(max_length=200, blank=True, editable=False)
    hour = models.DateTimeField(null=True, editable=False)  # The one that `used_this_hour` counts.
    used_this_hour = models.PositiveIntegerField(default=0, editable=False)
    day = models.PositiveSmallIntegerField(default=0, editable=False)  # The one that `used_today` counts; from 1.
    used_today = models.PositiveIntegerField(default=0, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "domain"], name="warmup_plan_key")]
        ordering = ["account", "domain"]

    def __str__(self) -> str:
        return f"{self.account}: {self.domain}"


class WarmupDay(models.Model):
    """The caps of one day of a plan. After its last day a plan is done."""

    plan = models.ForeignKey(WarmupPlan, models.CASCADE, related_name="days")
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    hourly = models.PositiveIntegerField(help_text="Mails an hour.")
    daily = models.PositiveIntegerField(help_text="Mails a day.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "day"], name="warmup_day_key")]
        ordering = ["plan", "day"]

    def __str__(self) -> str:
        return f"day {self.day}"
