"""How often one contact is mailed at most, over all flows."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from automation.core.lanes import Lane

# The caps as text for `delivery.caps.caps_of`, to be read along with something else; null where there are none.
CAPS = """(
    SELECT json_agg(json_build_object(
        'id', id, 'name', name, 'limit', "limit", 'period', extract(epoch FROM period), 'topic', topic_id, 'lane', lane,
        'patience', extract(epoch FROM patience)
    ) ORDER BY id)::text
    FROM automation_frequencycap WHERE enabled AND "limit" IS NOT NULL
)"""


class FrequencyCap(models.Model):
    """No contact gets more than `limit` mails within any `period`. Transactional mail neither counts nor is capped."""

    name = models.CharField(max_length=120)
    limit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Mails. Empty: no cap.",
    )
    period = models.DurationField(default=timedelta(days=7), help_text="Within any stretch of so long.")
    topic = models.ForeignKey(
        "suppression.Topic", models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: all topics."
    )
    lane = models.CharField(
        max_length=16,
        choices=[choice for choice in Lane.choices if choice[0] != Lane.TRANSACTIONAL],
        blank=True,
        help_text="Empty: triggered and bulk mail together.",
    )
    patience = models.DurationField(
        default=timedelta(days=1),
        help_text="So long a mail over the cap waits for room. If there is none by then, it is not sent.",
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="frequency_cap_name"),
            # A limit of 0 would stop all marketing. Whoever wants that pauses flows.
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=1, limit__lte=1000), name="frequency_cap_limit"
            ),
            models.CheckConstraint(condition=Q(period__gt=timedelta()), name="frequency_cap_period"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
