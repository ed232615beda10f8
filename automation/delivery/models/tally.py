"""Counts of what became of mail, hour by hour: what the brakes look at."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import F, Func, Sum, Value
from django.db.models.functions import Lower, Now

from automation.delivery.models.accounts import EspAccount, SenderIdentity
from automation.flows.models import Flow


class Counted(StrEnum):
    """What can become of a message and is counted: the columns of a tally."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    HARD_BOUNCED = "hard_bounced"
    BLOCKED = "blocked"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"
    HUMAN_OPENED = "human_opened"
    HUMAN_CLICKED = "human_clicked"


class TallyQuerySet(models.QuerySet["Tally"]):
    def of_last_day(self) -> TallyQuerySet:
        """The hours that began within it, with the `domain` of their sender."""
        parts = (F("sender__email"), Value("@"), Value(2))
        domain = Lower(Func(*parts, function="split_part", output_field=models.CharField()))
        return self.filter(hour__gt=Now() - timedelta(days=1)).annotate(domain=domain)

    def sums_by(self, *names: str) -> models.QuerySet[Tally, dict[str, Any]]:
        """Each count, summed up by these, in their order."""
        sums: models.QuerySet[Tally, dict[str, Any]] = self.values(*names).order_by(*names)
        return sums.annotate(**{name: Sum(name) for name in Counted})


def _count() -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(default=0, db_default=0)


class Tally(models.Model):
    """One hour of one flow's mail through one account by one sender, as far as one database connection counted it.

    Sum them up. Written by delivery/count.py and settle.py, in the transaction that moves the messages. Each fact
    about a message counts once, in the hour in which we learn it, by the database's clock.
    """

    hour = models.DateTimeField()  # Its beginning, in UTC.
    account = models.ForeignKey(EspAccount, models.CASCADE, related_name="+", db_index=False)
    sender = models.ForeignKey(SenderIdentity, models.CASCADE, related_name="+", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, null=True, related_name="+", db_index=False)
    # The process at the database that counts here (pg_backend_pid). Were a row shared, each settle would wait for
    # whoever counted before it to commit, and a digest takes its time.
    backend = models.IntegerField()
    accepted = _count()  # By the call's answer or by the first webhook, whichever came first.
    failed = _count()  # Given up at a call's answer. Once more if it is replayed and fails again.
    unknown = _count()  # Calls that ended with nobody knowing. Their messages may turn out accepted later.
    delivered = _count()
    hard_bounced = _count()
    blocked = _count()  # If a hard bounce follows, the message counts there too.
    complained = _count()
    opened = _count()
    clicked = _count()
    # Signed, as what was taken for a person may turn out a machine in a later hour. The sums are not.
    human_opened = models.IntegerField(default=0, db_default=0)
    human_clicked = models.IntegerField(default=0, db_default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            # Also serves the brakes and warm-up, which read the last day's hours, and retention.
            models.UniqueConstraint(
                fields=["hour", "account", "sender", "flow", "backend"], name="tally_key", nulls_distinct=False
            )
        ]
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}:00, {self.account}"
