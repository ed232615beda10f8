"""wait_event: go on when something happens, or another way when it has not happened in time. Never both."""

from datetime import datetime, timedelta

from automation.core import rules
from automation.core.json import Facts
from automation.core.spans import span
from automation.events.models import EventType
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Heard, Move, StepKind, next_and_else, next_of
from automation.flows.steps.branch import rule_faults
from automation.flows.steps.options import ELSE, THEN, Field, Type
from automation.flows.steps.wait import duration_faults, seconds_of

EVENT = Field(
    "event",
    "event",
    Type.EVENT_TYPE,
    "Until this happens",
    "Steps and mails that follow can name what it says, such as awaited.payload.total.",
    required=True,
)
IF = Field("rule", "if", Type.RULE, "And only if", "Here, event is the one that is waited for. Empty: any.")
AT_MOST = Field("wait_for", "at_most", Type.DURATION, "Wait at most", required=True)


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    awaited = _awaited(step)
    if awaited is None:
        return ["Choose what to wait for.", *duration_faults(step.wait_for)]
    return [*duration_faults(step.wait_for), *rule_faults(step.rule, AtHand(awaited, at_hand.awaited))]


def _awaited(step: Step) -> EventType | None:
    return EventType.objects.filter(name=step.options.get("event") or "").first()


def _compile(step: Step, following: str | None) -> Config:
    awaited = _awaited(step)
    return {
        "event": awaited.pk if awaited else 0,
        "called": awaited.name if awaited else "",
        "rule": step.rule,
        "seconds": seconds_of(step),
        "next": next_of(step, following),
        "else": step.else_key or following,
    }


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return _resume(config, facts, at, at)


def _resume(config: Config, facts: Facts, since: datetime, at: datetime) -> Move:
    until = since + timedelta(seconds=config["seconds"])
    if at >= until:
        return Move(next=config["else"], result={"happened": False})
    return Move(next=None, due_at=until, stays=True, awaits=(config["event"],), result={"until": until.isoformat()})


def _hear(config: Config, facts: Facts, heard: Heard, since: datetime, at: datetime) -> Move | None:
    if heard.event_type != config["event"]:
        return None
    trace = rules.evaluate(config["rule"], {**facts, "event": heard.event}, at=at)
    happened = {"happened": True, "event": heard.event["id"], "trace": trace}
    return Move(next=config["next"], awaited=heard.event, result=happened) if trace["result"] else None


KIND = StepKind(
    "wait_event",
    "wait until something happens",
    (EVENT, IF, AT_MOST, THEN, ELSE),
    faults=_faults,
    compile=_compile,
    leads_to=next_and_else,
    gist=lambda config: f"wait for {config['called']}, {span(timedelta(seconds=config['seconds']))} at most",
    run=_run,
    resume=_resume,
    hear=_hear,
    by_event=lambda config: (config["next"], config["event"]),
    waits=True,
)
