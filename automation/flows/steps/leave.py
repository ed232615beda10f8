"""exit: the walk ends here."""

from datetime import datetime

from automation.core.json import Facts, JsonObject
from automation.flows.models import Step
from automation.flows.steps.base import Move, StepKind


def _compile(step: Step, following: str | None) -> JsonObject:
    return {}


def _run(config: JsonObject, facts: Facts, at: datetime) -> Move:
    return Move(next=None)


KIND = StepKind("exit", faults=lambda step, trigger: [], compile=_compile, leads_to=lambda config: [None], run=_run)
