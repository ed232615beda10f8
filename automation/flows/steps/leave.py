"""exit: the walk ends here."""

from datetime import datetime

from automation.core.json import Facts
from automation.flows.models import Step
from automation.flows.steps.base import Config, Move, StepKind


def _compile(step: Step, following: str | None) -> Config:
    return {}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return Move(next=None)


KIND = StepKind(
    "exit",
    "exit",
    (),
    faults=lambda step, at_hand: [],
    compile=_compile,
    leads_to=lambda config: [None],
    gist=lambda config: "exit",
    run=_run,
)
