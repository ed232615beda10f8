"""branch: one way if a rule holds, another if not."""

from datetime import datetime

from automation.core import rules
from automation.core.json import Facts, JsonObject
from automation.events.models import EventType
from automation.flows.models import Step
from automation.flows.schema import unknown_fields
from automation.flows.steps.base import Move, StepKind, next_of


def _faults(step: Step, trigger: EventType | None) -> list[str]:
    if not step.rule:
        return ["Say which question decides."]
    try:
        rules.check(step.rule)
    except rules.RuleInvalid as error:
        return [f"The rule cannot be read. {error}"]
    return unknown_fields(step.rule, trigger)


def _compile(step: Step, following: str | None) -> JsonObject:
    return {"rule": step.rule, "next": next_of(step, following), "else": step.else_key or following}


def _leads_to(config: JsonObject) -> list[str | None]:
    return [config["next"], config["else"]]


def _run(config: JsonObject, facts: Facts, at: datetime) -> Move:
    trace = rules.evaluate(config["rule"], facts, at=at)
    return Move(next=config["next"] if trace["result"] else config["else"], result={"trace": trace})


KIND = StepKind("branch", faults=_faults, compile=_compile, leads_to=_leads_to, run=_run)
