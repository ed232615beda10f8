"""update: change what is known of the contact. Steps that follow see it."""

from datetime import datetime

from automation.contacts.change import COLUMNS, is_number
from automation.contacts.read import read_changes
from automation.core.faults import Refused
from automation.core.json import Facts
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Move, StepKind, next_of, only_next
from automation.flows.steps.options import NEXT, Field, Type

SET = Field("set", "set", Type.PAIRS, "Set", "One a line: plan = pro. Also language, region and time_zone.")
ADD = Field("add", "add", Type.PAIRS, "Add to", "One a line: orders = 1. Whatever is no number counts as 0.")
REMOVE = Field("remove", "remove", Type.NAMES, "Remove", "One attribute a line.")


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    set_, add, remove = (step.options.get(name) or {} for name in ("set", "add", "remove"))
    if not (set_ or add or remove):
        return ["Say what to change."]
    faults = [f"{name} cannot be added to." for name in add if name in COLUMNS]
    faults += [f"What is added to {name} has to be a number." for name, amount in add.items() if not is_number(amount)]
    if "email" in {*set_, *add, *remove}:
        faults.append("A flow cannot change the address.")
    try:
        read_changes({name: value for name, value in set_.items() if name in COLUMNS})
    except Refused as refused:
        faults += [fault.message for fault in refused.faults]
    return faults


def _compile(step: Step, following: str | None) -> Config:
    options = step.options
    changes = {"set": options.get("set") or {}, "add": options.get("add") or {}, "remove": options.get("remove") or []}
    return {**changes, "next": next_of(step, following)}


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    change = {name: config[name] for name in ("set", "add", "remove")}
    # Names only: what they are set to stands in the version.
    told = {name: sorted(one) for name, one in change.items() if one}
    return Move(next=config["next"], change=change, result={"changed": told})


def _gist(config: Config) -> str:
    parts = [f"set {name}" for name in config["set"]] + [f"add to {name}" for name in config["add"]]
    return ", ".join(parts + [f"remove {name}" for name in config["remove"]])


KIND = StepKind(
    "update",
    "update the contact",
    (SET, ADD, REMOVE, NEXT),
    faults=_faults,
    compile=_compile,
    leads_to=only_next,
    gist=_gist,
    run=_run,
)
