"""send: mail a template to the contact. Which version and which language is decided when the step runs."""

from datetime import datetime

from automation.core.json import Facts, JsonObject
from automation.events.models import EventType
from automation.flows.models import Step
from automation.flows.schema import called, knows_path
from automation.flows.steps.base import Move, StepKind, next_of, only_next


def _faults(step: Step, trigger: EventType | None) -> list[str]:
    if step.template is None:
        return ["Choose the template to mail."]
    live = step.template.live_version
    if live is None:
        return [f"The template “{step.template.name}” has never been published. Publish it first."]
    return [
        f"The template “{step.template.name}” needs {variable['path']}, which {called(trigger)} does not have."
        for variable in live.variables
        if variable["missing"] == "refuse" and not knows_path(trigger, variable["path"])
    ]


def _compile(step: Step, following: str | None) -> JsonObject:
    return {"template": step.template_id, "next": next_of(step, following)}


def _run(config: JsonObject, facts: Facts, at: datetime) -> Move:
    return Move(next=config["next"], mail=config["template"])


KIND = StepKind("send", faults=_faults, compile=_compile, leads_to=only_next, run=_run)
