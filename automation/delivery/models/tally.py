"""Counts of what became of mail, hour by hour: what the brakes look at."""

from __future__ import annotations

from django.db import models

from automation.delivery.models.accounts import EspAccount, SenderIdentity
from automation.flows.models import Flow


def _count() -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(default=0, db_default=0)


class Tally(models.Model):
    """One hour of one flow's mail through one account by one sender. Written in the transaction that moves messages.

    An accept counts in the hour of the accept, what an ESP reports later in the hour of the report.
    """

    hour = models.DateTimeField()  # Its beginning.
    account = models.ForeignKey(EspAccount, models.CASCADE, related_name="+", db_index=False)
    sender = models.ForeignKey(SenderIdentity, models.CASCADE, related_name="+", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, null=True, related_name="+", db_index=False)
    accepted = _count()
    failed = _count()
    unknown = _count()
    delivered = _count()
    hard_bounced = _count()
    blocked = _count()
    complained = _count()

    class Meta:
        constraints = [
            # Also serves the brakes, which read the last day's hours.
            models.UniqueConstraint(
                fields=["hour", "account", "sender", "flow"], name="tally_key", nulls_distinct=False
            )
        ]
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}:00, {self.account}"
