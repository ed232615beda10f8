"""switch: one of many ways, by the value of a field."""

from datetime import datetime

from automation.core.json import Facts, Json
from automation.core.paths import MISSING, look_up
from automation.flows.models import Step
from automation.flows.schema import AtHand, lack
from automation.flows.steps.base import Config, Move, StepKind
from automation.flows.steps.options import ELSE, Field, Type

ON = Field("on", "on", Type.PATH, "By the value of", "Such as event.payload.plan.", required=True)
WAYS = Field("ways", "ways", Type.PAIRS, "Ways", "One a line: value = step. Such as: pro = send-pro")


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    path, ways = step.options.get("on", ""), step.options.get("ways") or {}
    faults = [] if ways else ["Say which value leads where, such as: pro = send-pro."]
    if not path:
        return ["Say which field decides.", *faults]
    if missing := lack(at_hand, path):
        return [f"It asks for {path}, {missing}.", *faults]
    return faults


def _compile(step: Step, following: str | None) -> Config:
    ways = {value: str(key) for value, key in (step.options.get("ways") or {}).items()}
    return {"on": step.options.get("on", ""), "ways": ways, "else": step.else_key or following}


def _leads_to(config: Config) -> list[str | None]:
    return [*config["ways"].values(), config["else"]]


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    seen = look_up(facts, config["on"])
    seen = None if seen is MISSING else seen
    return Move(next=config["ways"].get(_spelled(seen), config["else"]), result={"on": config["on"], "seen": seen})


def _spelled(value: Json) -> str | None:
    """As a marketer writes it: 5 and 5.0 are “5”, yes and no are “true” and “false”. Lists and objects lead nowhere."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None


KIND = StepKind(
    "switch",
    "switch: many ways, by a value",
    (ON, WAYS, ELSE),
    faults=_faults,
    compile=_compile,
    leads_to=_leads_to,
    gist=lambda config: f"by {config['on']}: {', '.join(config['ways'])}",
    run=_run,
)
