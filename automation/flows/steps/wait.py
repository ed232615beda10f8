"""wait: go on after a duration."""

from datetime import datetime, timedelta

from automation.core.json import Facts, JsonObject
from automation.events.models import EventType
from automation.flows.models import Step
from automation.flows.steps.base import Move, StepKind, next_of, only_next

# Nobody means longer, and far beyond, the end of a wait would be no date any more.
LONGEST = timedelta(days=3653)


def _faults(step: Step, trigger: EventType | None) -> list[str]:
    if step.wait_for is None or step.wait_for < timedelta(seconds=1):
        return ["Say how long to wait (at least one second)."]
    if step.wait_for > LONGEST:
        return ["This is too long to wait. Ten years are the most."]
    return []


def _compile(step: Step, following: str | None) -> JsonObject:
    wait_for = step.wait_for or timedelta(0)  # `_faults` has seen to it that there is one.
    return {"seconds": wait_for.total_seconds(), "next": next_of(step, following)}


def _run(config: JsonObject, facts: Facts, at: datetime) -> Move:
    until = at + timedelta(seconds=config["seconds"])
    return Move(next=config["next"], due_at=until, result={"until": until.isoformat()})


KIND = StepKind("wait", faults=_faults, compile=_compile, leads_to=only_next, run=_run, waits=True)
