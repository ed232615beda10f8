"""What a segment's rule may not ask, though it is a rule: whatever nobody would tell us a change of."""

from collections.abc import Iterator

from automation.core import rules
from automation.core.json import JsonObject
from automation.events.membership import MEMBERSHIP_TYPES
from automation.events.models import EventType


def faults_of(rule: JsonObject) -> list[str]:
    """In a marketer's words. `rule` must have passed `rules.check`. One statement at most."""
    return list(_faults(rules.reads(rule)))


def _faults(reads: rules.Reads) -> Iterator[str]:
    for field in sorted(reads.event):
        yield f"A segment is about contacts: there is no event at hand that could have “{field}”. Ask what they did."
    if reads.segments:
        yield f"A segment cannot build on another (“{min(reads.segments)}”). Copy the conditions of that one into this."
    for name in sorted(reads.event_types & set(MEMBERSHIP_TYPES)):
        yield f"“{name}” tells of segments themselves: asking for it, a segment would follow its own tail."
    known = EventType.objects.filter(name__in=reads.event_types).values_list("name", flat=True)
    for name in sorted(reads.event_types - set(known)) if reads.event_types else ():
        yield f"There is no event type “{name}”."
