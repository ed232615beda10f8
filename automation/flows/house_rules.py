"""House rules: what holds for the mail of every flow."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from automation.flows.fields import percent_field, zone_field


class HouseRules(models.Model):
    """The one row of them. Where it is missing, everything is as its fields' defaults say."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    time_zone = zone_field("Of contacts whose own is not known, and neither is their flow's. Empty: UTC.")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    holdout_percent = percent_field(0.0, "Of all contacts, so many get no marketing mail at all, for comparison.")
    holdout_since = models.DateTimeField(null=True, blank=True, help_text="Nobody is held out earlier. Empty: at once.")

    class Meta:
        verbose_name_plural = "house rules"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="house_rules_one_row"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="house_rules_quiet_hours",
                violation_error_message="Quiet hours need a beginning and another end, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return "House rules"
