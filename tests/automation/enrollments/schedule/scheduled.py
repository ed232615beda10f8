"""Flows with a schedule, made quickly."""

from datetime import date, datetime, time
from typing import Any

import time_machine

from automation.core.lanes import Lane
from automation.enrollments.schedule.enter import enter_scheduled_contacts
from automation.flows.triggers import Timing, TriggerKind
from automation.models import Contact, Flow
from tests.factories import make_live_flow

DAY = date(2026, 12, 1)


def make_scheduled_flow(*steps: dict[str, Any], published_at: datetime, **fields: Any) -> Flow:
    """Live since `published_at`. Unless told otherwise a broadcast to everybody, on 1 December at nine in Berlin."""
    with time_machine.travel(published_at, tick=False):
        return make_live_flow(
            *steps,
            **{
                "trigger_kind": TriggerKind.SCHEDULE,
                "timing": Timing.ONCE,
                "day": DAY,
                "clock": time(9),
                "clock_zone": "Europe/Berlin",
                "for_everybody": True,
                "lane": Lane.BULK,
                **fields,
            },
        )


def make_contacts(count: int, **fields: Any) -> list[Contact]:
    """Named by their number, so that a test can tell them apart."""
    first = Contact.objects.count()
    return Contact.objects.bulk_create(
        Contact(**{"external_id": f"c-{first + n}", "email": f"c{first + n}@example.com", **fields})
        for n in range(count)
    )


def run_until_idle(at: datetime) -> int:
    """What the pump does at this instant; returns its steps."""
    steps = 0
    with time_machine.travel(at, tick=False):
        while enter_scheduled_contacts():
            steps += 1
    return steps
