"""Fields that the models of flows have more than once."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from automation.core.calendar import is_zone


def brake_field(percent: float, what: str) -> models.FloatField[float | None, float | None]:
    """A limit at which a brake pauses what it watches (delivery/brake.py)."""
    return models.FloatField(
        null=True,
        blank=True,
        default=percent,
        db_default=percent,
        validators=[MinValueValidator(0.0), MaxValueValidator(100.0)],
        help_text=f"{what} in percent of the last day's mail that pause it. Empty: no limit.",
    )


def percent_field(percent: float, help_text: str) -> models.FloatField[float, float]:
    """A share of the contacts, by automation/core/chance.py."""
    return models.FloatField(
        default=percent,
        db_default=percent,
        validators=[MinValueValidator(0.0), MaxValueValidator(100.0)],
        help_text=help_text,
    )


def zone_field(help_text: str) -> models.CharField[str, str]:
    return models.CharField(
        max_length=64, blank=True, default="", db_default="", validators=[zone_validator], help_text=help_text
    )


def zone_validator(name: str) -> None:
    if not is_zone(name):
        raise ValidationError("Write the name of a time zone, such as Europe/Lisbon.", code="unknown_time_zone")
