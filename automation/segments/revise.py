"""Putting a segment's rule in force: who follows it from now on, and whom it concerns."""

import json
from typing import Final

from django.db import transaction

from automation.core import rules
from automation.core.json import JsonObject
from automation.core.wake import wake
from automation.events.models import EventType
from automation.segments.models import TASK, Segment

# The events that tell of a mail, committed together with it. `sent` has none, but notes: heed_notes.py.
_MAIL_EVENTS: Final = {"opened": "email.opened", "clicked": "email.clicked"}

# What tells those who bring changes whether the segment is to be asked again.
_READ_BY_OTHERS: Final = ("event_types", "contact_paths", "counts_sent", "builds_on")


@transaction.atomic
def revise(segment: Segment) -> bool:
    """If the segment's rule is another than that in force, let it take its place, and everybody be asked by it
    and by those that build on it.

    The rule must have passed `rules.check` and `faults_of`. Idempotent. Wakes on commit. Returns whether
    it was another.
    """
    locked = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk)
    if _text(locked.rule) == _text(locked.in_force):
        return False
    reads = rules.reads(locked.rule)
    names = reads.event_types | {_MAIL_EVENTS[stage] for stage in reads.mail if stage in _MAIL_EVENTS}
    locked.event_types = list(EventType.objects.filter(name__in=names).order_by("pk").values_list("pk", flat=True))
    locked.contact_paths = sorted(path.removeprefix("contact.") for path in reads.contact)
    locked.counts_sent = "sent" in reads.mail
    parts = Segment.objects.filter(key__in=reads.segments).order_by("pk")
    locked.builds_on = list(parts.values_list("pk", flat=True))
    locked.in_force, locked.fill_after, locked.fill_from = locked.rule, 0, None
    locked.save(update_fields=[*_READ_BY_OTHERS, "in_force", "fill_after", "fill_from"])
    # What comes of it for those that build on this one is as old as the rule, so nobody is told of that either.
    Segment.objects.building_on(locked).update(fill_after=0, fill_from=None)
    wake(TASK)
    return True


def _text(rule: JsonObject | None) -> str:
    """Python takes 1, 1.0 and true for the same."""
    return json.dumps(rule, sort_keys=True)
