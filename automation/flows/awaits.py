"""What has to happen before a rule's answer can be another: ids of event types, and CHANGE."""

from automation.core import rules
from automation.core.json import JsonObject
from automation.events.membership import ENTERED, LEFT
from automation.events.models import EventType

# Stands among event types for a change of what is known of the contact. No event type has this id.
CHANGE = 0
# Of mail that was sent, no event tells.
_MAIL = {"opened": "email.opened", "clicked": "email.clicked"}


def awaits_of(rule: JsonObject) -> list[int]:
    """One statement, if the rule asks about the past. Time alone is for `rules.next_change`."""
    if rules.faults_of(rule):
        return []  # A draft that nobody can publish.
    read = rules.reads(rule)
    names = {*read.event_types, *(_MAIL[mail] for mail in read.mail if mail in _MAIL)}
    if read.segments:
        names |= {ENTERED, LEFT}
    told = EventType.objects.filter(name__in=names).values_list("pk", flat=True) if names else ()
    return [CHANGE, *sorted(told)]
