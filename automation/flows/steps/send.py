"""send: mail a template to the contact. Which version and which language is decided when the step runs."""

from datetime import datetime

from automation.core.json import Facts
from automation.flows.models import Step
from automation.flows.schema import AtHand, lack
from automation.flows.steps.base import Config, Move, StepKind, next_of, only_next
from automation.flows.steps.options import NEXT, Field, Type

TEMPLATE = Field("template", "send", Type.TEMPLATE, "Template")


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    if step.template is None:
        return ["Choose the template to mail."]
    live = step.template.live_version
    if live is None:
        return [f"The template “{step.template.name}” has never been published. Publish it first."]
    return [
        f"The template “{step.template.name}” needs {variable['path']}, {missing}."
        for variable in live.variables
        if variable["missing"] == "refuse" and (missing := lack(at_hand, variable["path"]))
    ]


def _compile(step: Step, following: str | None) -> Config:
    return {"template": step.template_id, "next": next_of(step, following)}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return Move(next=config["next"], mail=config["template"])


KIND = StepKind(
    "send",
    "send a mail",
    (TEMPLATE, NEXT),
    faults=_faults,
    compile=_compile,
    leads_to=only_next,
    gist=lambda config: "send",
    run=_run,
)
