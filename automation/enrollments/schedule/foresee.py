"""Foresee: whom a draft's schedule would enter, before it is published. Reads only."""

from datetime import datetime
from typing import NamedTuple

from django.db import OperationalError, connection, transaction

from automation.core import rules
from automation.enrollments.schedule.audience import audience, audience_rule
from automation.flows import definition, schedule
from automation.flows.models import Flow
from automation.flows.schema import AtHand, unknown_fields
from automation.flows.triggers import TriggerKind

# Whoever looks at the page of a flow waits no longer for the count.
PATIENCE_MS = 2_000


class Outlook(NamedTuple):
    wall: datetime | None  # The next time, by the schedule's clock. None: it comes no more.
    contacts: int | None  # Who would enter, if they were as they are now. None: counting took too long.


def foresee(flow: Flow, *, at: datetime) -> Outlook | None:
    """What the draft would do next. None: it has no schedule, or one with faults.

    Of dates with a time of day, those of the days before and after count as well.
    """
    if flow.trigger_kind != TriggerKind.SCHEDULE or schedule.faults(flow) or rules.faults_of(flow.entry_rule):
        return None
    if unknown_fields(audience_rule(flow.entry_rule, flow.trigger_key), AtHand(None)):
        return None
    said = definition.from_json(definition.to_json(flow, {}, ""))
    wall = said.schedule.first_since(at) if said.schedule else None
    if wall is None:
        return Outlook(None, 0)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            return Outlook(wall, audience(said, flow.trigger_key, wall, at=at, few=False).count())
    except OperationalError:
        return Outlook(wall, None)
