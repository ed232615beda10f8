"""Simulations for tests, and what is looked for in them."""

from datetime import UTC, datetime

from automation.core.ids import new_id
from automation.enrollments.simulate import simulate
from automation.enrollments.simulation.told import About
from automation.events.models import Event
from automation.models import Flow

AT = datetime(2026, 3, 27, 12, tzinfo=UTC)  # A Friday; on Sunday, Europe's clocks change.


def typed(flow, contact, payload=None, at=AT):
    return Event(id=new_id(), event_type=flow.trigger, contact=contact, occurred_at=at, payload=payload or {})


def told(flow, contact, payload=None, **more):
    flow = Flow.objects.select_related("trigger", "sender").get(pk=flow.pk)
    event = typed(flow, contact, payload) if flow.trigger else None
    return simulate(flow, **{"contact": contact, "event": event, "at": AT, **more})


def path(lines):
    return [one.step_key for one in lines if one.about is About.STEP]


def only(lines, about):
    [found] = [one for one in lines if one.about is about]
    return found
