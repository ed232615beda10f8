"""Bringing back what a pump has set aside, once a person has seen to the cause."""

from django.db.models import QuerySet
from django.utils import timezone

from automation.core.wake import wake


def replay(rows: QuerySet, *, status: str, pump: str) -> int:  # type: ignore[type-arg]  # Any model that `set_back` takes.
    """Let `pump` try those of `rows` again that are set aside; `status` is what it claims. Returns how many.

    The others are left as they are, so it is safe to ask twice. One conditional update; wakes on commit.
    """
    brought_back = rows.filter(status="set_aside").update(status=status, attempts=0, failure="", due_at=timezone.now())
    if brought_back:
        wake(pump)
    return brought_back
