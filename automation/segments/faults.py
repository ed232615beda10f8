"""What a segment's rule may not ask, though it is a rule: whatever nobody would tell us a change of, or without end."""

from collections.abc import Iterator

from django.db import connection

from automation.core import rules
from automation.core.json import JsonObject
from automation.events.membership import MEMBERSHIP_TYPES
from automation.events.models import EventType
from automation.segments.models import Segment


def faults_of(rule: JsonObject, *, key: str) -> list[str]:
    """In a marketer's words. `rule` must have passed `rules.check`; `key` is that of the segment, which may be new.

    Where the rule names segments it holds true until the caller's transaction ends, which also writes the rule. Four
    statements at most.
    """
    reads = rules.reads(rule)
    return [*_of_facts(reads), *_of_segments(reads.segments, key)]


def _of_facts(reads: rules.Reads) -> Iterator[str]:
    for field in sorted(reads.event):
        yield f"A segment is about contacts: there is no event at hand that could have “{field}”. Ask what they did."
    for name in sorted(reads.event_types & set(MEMBERSHIP_TYPES)):
        yield f"“{name}” tells of segments themselves. Ask for the segment: it counts who is in it now."
    known = EventType.objects.filter(name__in=reads.event_types).values_list("name", flat=True)
    for name in sorted(reads.event_types - set(known)) if reads.event_types else ():
        yield f"There is no event type “{name}”."


def _of_segments(named: frozenset[str], key: str) -> Iterator[str]:
    """One storey: what is built on builds on nothing itself. So there are no circles, and one order to ask in."""
    if not named:
        return
    _wait_for_others()
    found = {one.key: one for one in Segment.objects.filter(key__in={*named, key})}
    for name in sorted(named):
        if name == key:
            yield "A segment cannot build on itself."
        elif name not in found:
            yield f"There is no segment “{name}”. In a file, it stands above those that build on it."
        elif found[name].builds_on:
            yield f"“{found[name]}” builds on another segment, so none can build on it. Copy its conditions here."
    if key in found and (above := Segment.objects.building_on(found[key]).first()):
        yield f"“{above}” builds on this segment, so this one can build on none. Copy the conditions here."


def _wait_for_others() -> None:
    """Two at once could each build on the other's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('signalpost.segments'))")
