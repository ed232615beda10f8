"""With which mail, and from whom, people are asked to confirm."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from automation.delivery.models.accounts import SenderIdentity


class DoubleOptIn(models.Model):
    """The one row of it. While it is missing, nobody is asked."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    template = models.ForeignKey(
        "templates_app.Template",
        models.PROTECT,
        related_name="+",
        help_text="It declares variables with the paths confirmation.url, where people confirm, and if it wants to "
        "confirmation.topic, what for.",
    )
    sender = models.ForeignKey(SenderIdentity, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="double_opt_in_one_row")]
        verbose_name = "double opt-in"
        verbose_name_plural = "double opt-in"

    def __str__(self) -> str:
        return "Double opt-in"
