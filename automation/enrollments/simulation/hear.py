"""What a simulated walk makes of an event that it is said to hear."""

from datetime import datetime

from automation.core.ids import new_id
from automation.core.json import Facts
from automation.enrollments.rest import Rest, end
from automation.enrollments.simulation.case import Case
from automation.enrollments.walk import Walk
from automation.events.models import Event, EventType
from automation.flows.steps import KINDS, Heard, Move


def hear(case: Case, walked: Walk, facts: Facts, at: datetime) -> Move | Walk | None:
    """What the first event that the step where it rests awaits and heeds comes to: a move, or an end of its walk."""
    key, definition = walked.step_key, case.definition
    hears = KINDS[definition.steps[key]["kind"]].hear
    for awaited in EventType.objects.filter(pk__in=walked.awaits) if hears else ():
        event = Event(id=new_id(), event_type=awaited, occurred_at=at, payload=awaited.sample).facts()
        heard = Heard(awaited.pk, event)
        if hears and (move := hears(definition.steps[key], facts, heard, walked.rests_since or at, at)):
            ended = ((one, one.by(awaited.pk, event, facts, at)) for one in definition.endings)
            return next((end(Rest.after(walked), one, trace) for one, trace in ended if trace), move)
    return None
