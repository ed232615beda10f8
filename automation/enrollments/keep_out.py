"""Keep out: nothing is decided here on events of people whose home is elsewhere. They are set aside."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings

from automation.contacts.models import Contact
from automation.core.residency import is_held_here
from automation.events.models import Event

# The code comes first: it is all that those see who may not see personal data.
FAILURE: Final = "residency: this contact's region is not among those that may be kept here."


def keep_out(events: Sequence[Event], contacts: Mapping[int, Contact]) -> Sequence[Event]:
    """Set aside those of `events` whose contacts are foreign. Returns the others.

    Asked anew whenever an event is tried again, so that one whose contact is at home by now is decided on. In the
    caller's transaction, with one statement if there are such, and none else.
    """
    if not settings.DEPLOYMENT_REGIONS:
        return events
    foreign = {event.pk for event in events if not is_held_here(contacts[event.contact_id].region)}
    if not foreign:
        return events
    Event.objects.filter(pk__in=foreign).update(status=Event.Status.SET_ASIDE, failure=FAILURE)
    return [event for event in events if event.pk not in foreign]
