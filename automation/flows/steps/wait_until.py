"""wait_until: go on when a condition holds, or another way when it has not come to hold in time."""

from datetime import datetime, timedelta

from automation.core import rules
from automation.core.json import Facts
from automation.core.spans import span
from automation.flows.awaits import awaits_of
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Heard, Move, StepKind, next_and_else, next_of
from automation.flows.steps.branch import rule_faults
from automation.flows.steps.options import ELSE, THEN, Field, Type
from automation.flows.steps.wait import duration_faults, seconds_of

IF = Field("rule", "if", Type.RULE, "Until", required=True)
AT_MOST = Field("wait_for", "at_most", Type.DURATION, "Wait at most", required=True)


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    asked = rule_faults(step.rule, at_hand) if step.rule else ["Say what has to hold."]
    return [*asked, *duration_faults(step.wait_for)]


def _compile(step: Step, following: str | None) -> Config:
    return {
        "rule": step.rule,
        "awaits": awaits_of(step.rule),
        "seconds": seconds_of(step),
        "next": next_of(step, following),
        "else": step.else_key or following,
    }


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return _resume(config, facts, at, at)


def _resume(config: Config, facts: Facts, since: datetime, at: datetime) -> Move:
    trace = rules.evaluate(config["rule"], facts, at=at)
    if trace["result"]:
        return Move(next=config["next"], result={"holds": True, "trace": trace})
    until = since + timedelta(seconds=config["seconds"])
    if at >= until:
        return Move(next=config["else"], result={"holds": False, "trace": trace})
    turns_at = rules.next_change(config["rule"], facts, at=at)
    due_at = min(until, turns_at) if turns_at else until
    return Move(None, due_at=due_at, stays=True, awaits=tuple(config["awaits"]), result={"until": until.isoformat()})


def _hear(config: Config, facts: Facts, heard: Heard, since: datetime, at: datetime) -> Move | None:
    """Whatever has happened, the condition is asked as it was: of the event that the walk began with."""
    move = _resume(config, facts, since, at)
    waits_as_before = move.stays and move.due_at == since + timedelta(seconds=config["seconds"])
    return None if waits_as_before else move


KIND = StepKind(
    "wait_until",
    "wait until a condition holds",
    (IF, AT_MOST, THEN, ELSE),
    faults=_faults,
    compile=_compile,
    leads_to=next_and_else,
    gist=lambda config: (
        f"wait until {rules.sentence(config['rule'])}, {span(timedelta(seconds=config['seconds']))} at most"
    ),
    run=_run,
    resume=_resume,
    hear=_hear,
)
