"""branch: one way if a rule holds, another if not."""

from datetime import datetime

from automation.core import rules
from automation.core.json import Facts, JsonObject
from automation.flows.models import Step
from automation.flows.schema import AtHand, unknown_fields
from automation.flows.steps.base import Config, Move, StepKind, next_and_else, next_of
from automation.flows.steps.options import ELSE, THEN, Field, Type

IF = Field("rule", "if", Type.RULE, "If", required=True)


def rule_faults(rule: JsonObject, at_hand: AtHand) -> list[str]:
    try:
        rules.check(rule)
    except rules.RuleInvalid as error:
        return [f"The rule cannot be read. {error}"]
    return unknown_fields(rule, at_hand)


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    return rule_faults(step.rule, at_hand) if step.rule else ["Say which question decides."]


def _compile(step: Step, following: str | None) -> Config:
    return {"rule": step.rule, "next": next_of(step, following), "else": step.else_key or following}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    trace = rules.evaluate(config["rule"], facts, at=at)
    return Move(next=config["next"] if trace["result"] else config["else"], result={"trace": trace})


KIND = StepKind(
    "branch",
    "branch: if … else …",
    (IF, THEN, ELSE),
    faults=_faults,
    compile=_compile,
    leads_to=next_and_else,
    gist=lambda config: f"if {rules.sentence(config['rule'])}",
    run=_run,
)
