"""hook: tell another service, by a signed call. Only the values that are named here travel."""

import re
from datetime import datetime

from automation.core.destination import Forbidden, read_url
from automation.core.json import Facts
from automation.core.paths import MISSING, look_up
from automation.flows.models import Step
from automation.flows.schema import AtHand, lack
from automation.flows.steps.base import Config, Move, StepKind, next_of, only_next
from automation.flows.steps.options import NEXT, Field, Type

URL = Field("url", "url", Type.TEXT, "Call", "Such as https://hooks.example.com/welcome.", required=True)
SECRET = Field(
    "secret_env",
    "secret_env",
    Type.TEXT,
    "Signed with",
    "The environment variable that holds the secret, such as HOOK_CRM. Your operator sets it.",
    required=True,
)
VALUES = Field("values", "values", Type.PAIRS, "What it is told", "One a line: plan = event.payload.plan")
_is_variable = re.compile(r"[A-Z_][A-Z0-9_]*").fullmatch


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    faults = []
    try:
        read_url(str(step.options.get("url") or ""))
    except Forbidden as error:
        faults.append(str(error))
    if not _is_variable(str(step.options.get("secret_env") or "")):
        faults.append("Name the environment variable that holds the secret, such as HOOK_CRM. Never the secret itself.")
    return faults + [
        f"It is told {path}, {missing}."
        for path in (step.options.get("values") or {}).values()
        if (missing := lack(at_hand, str(path)))
    ]


def _compile(step: Step, following: str | None) -> Config:
    names = {name: step.options.get(name) or "" for name in ("url", "secret_env")}
    return {**names, "values": step.options.get("values") or {}, "next": next_of(step, following)}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    found = {name: look_up(facts, path) for name, path in config["values"].items()}
    values = {name: None if value is MISSING else value for name, value in found.items()}
    hook = {"url": config["url"], "secret_env": config["secret_env"], "values": values}
    return Move(next=config["next"], hook=hook, result={"url": config["url"]})


KIND = StepKind(
    "hook",
    "call another service",
    (URL, SECRET, VALUES, NEXT),
    faults=_faults,
    compile=_compile,
    leads_to=only_next,
    gist=lambda config: f"call {config['url']}",
    run=_run,
)
