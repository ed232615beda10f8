"""Bringing back what a pump has set aside, once a person has seen to the cause."""

from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from automation.core.wake import wake

# The most that is brought back at once, so that whoever asks can be told of each.
LIMIT = 10_000

Row = TypeVar("Row", bound=Model)


@transaction.atomic
def replay(rows: QuerySet[Row], *, status: str, pump: str) -> list[Row]:
    """Let `pump` try those of `rows` again that are set aside, LIMIT at most; `status` is what it claims.

    Any model that `set_back` takes. Returns them, known by `pk` only. The others are left as they are, so it is safe
    to ask twice. Two statements; wakes on commit.
    """
    model = rows.model._meta.base_manager
    aside = model.filter(pk__in=rows.values("pk"), status="set_aside").order_by("pk")
    brought_back = list(aside.select_for_update(no_key=True).only("pk")[:LIMIT])
    model.filter(pk__in=[row.pk for row in brought_back]).update(
        status=status, attempts=0, failure="", due_at=timezone.now()
    )
    if brought_back:
        wake(pump)
    return brought_back
