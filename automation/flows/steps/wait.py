"""wait: go on after a duration."""

from datetime import datetime, timedelta

from automation.core.json import Facts
from automation.core.spans import span
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Move, StepKind, next_of, only_next
from automation.flows.steps.options import NEXT, Field, Type

FOR = Field("wait_for", "wait", Type.DURATION, "Wait for")
# Nobody means longer, and far beyond, the end of a wait would be no date any more.
LONGEST = timedelta(days=3653)


def duration_faults(wait_for: timedelta | None) -> list[str]:
    if wait_for is None or wait_for < timedelta(seconds=1):
        return ["Say how long to wait (at least one second)."]
    return ["This is too long to wait. Ten years are the most."] if wait_for > LONGEST else []


def seconds_of(step: Step) -> float:
    return (step.wait_for or timedelta(0)).total_seconds()  # Faults have seen to it that there is one.


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    return duration_faults(step.wait_for)


def _compile(step: Step, following: str | None) -> Config:
    return {"seconds": seconds_of(step), "next": next_of(step, following)}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    until = at + timedelta(seconds=config["seconds"])
    return Move(next=config["next"], due_at=until, result={"until": until.isoformat()})


KIND = StepKind(
    "wait",
    "wait for some time",
    (FOR, NEXT),
    faults=_faults,
    compile=_compile,
    leads_to=only_next,
    gist=lambda config: f"wait {span(timedelta(seconds=config['seconds']))}",
    run=_run,
    waits=True,
)
