"""What becomes of those who wait in older versions of a flow, as it was decided when a version was published."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q

from automation.flows.models import FlowVersion


class MigrationPlan(models.Model):
    """For those who waited for one step of one version when another was published; whoever comes later, stays.

    Nobody waits for it: an enrollment that comes due before its turn is moved first, and walks then (advance.py).
    """

    class Action(models.TextChoices):
        MOVE = "move", "go on in the new version"
        LEAVE = "leave", "leave the flow"

    from_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", db_index=False)
    step_key = models.CharField(max_length=64)
    action = models.CharField(max_length=8, choices=Action)
    to_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", db_index=False)
    to_step_key = models.CharField(max_length=64, blank=True)  # Empty: leave.
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)  # All have been moved, or a later plan has taken its place.

    class Meta:
        constraints = [
            # One plan at a time for those who wait for a step. Also finds the plans that are open, mostly none.
            models.UniqueConstraint(
                fields=["from_version", "step_key"], condition=Q(done_at=None), name="migration_plan_open"
            ),
            models.CheckConstraint(
                condition=Q(action="leave", to_step_key="") | (Q(action="move") & ~Q(to_step_key="")),
                name="migration_plan_step_if_moved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_version_id} {self.step_key}: {self.action}"


# Asked in passing by whoever claims enrollments.
ARE_OPEN: Final = Exists(MigrationPlan.objects.filter(done_at=None))
