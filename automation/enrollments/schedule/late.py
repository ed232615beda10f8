"""Late: what becomes of a time that came round while everything was down, or its flow was paused. Pure."""

from datetime import datetime, timedelta

from automation.flows.definition import Definition
from automation.flows.triggers import Timing

SECOND = timedelta(seconds=1)


def why_too_late(definition: Definition, wall: datetime, *, at: datetime) -> str:
    """In words, why a time that is due does not run any more. Empty: it runs, however late.

    Of several missed times of a recurring schedule only the last one runs: nobody wants yesterday's news after today's.
    Days of contacts are others' days, so each of them runs.
    """
    schedule = definition.schedule
    assert schedule is not None  # noqa: S101  # Of a flow with a schedule.
    following = schedule.next_time(wall) if schedule.timing is Timing.RECURRING else None
    if following and schedule.begins(following) <= at:
        return "The next time was due as well, and runs instead."
    late, limit = at - schedule.ends(wall), definition.max_event_age
    if limit is not None and late > limit:
        return f"It would have begun {late // SECOND * SECOND} late, and the flow allows {limit}."
    return ""
