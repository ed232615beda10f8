"""Steps as marketers would note them down, and the draft steps that these are."""

from collections import Counter
from collections.abc import Sequence

from automation.core.json import JsonObject
from automation.flows.models import Step
from automation.management.configuration import shape


def step_keys(steps: Sequence[shape.Step]) -> list[str]:
    """A key for each step: its own, or one made from what it does, numbered where that repeats.

    Made keys hold no positions, so that most stay what they are when other steps come and go: whatever is counted by
    step goes on being counted.
    """
    taken = {step.key for step in steps if step.key}
    made: Counter[str] = Counter()
    keys = []
    for step in steps:
        key, name = step.key, _name(step)
        while not key or (key in taken and not step.key):
            made[name] += 1
            key = name if made[name] == 1 else f"{name}-{made[name]}"
        keys.append(key)
    return keys


def _name(step: shape.Step) -> str:
    match step:
        case shape.Send():
            return f"send-{step.send}".lower()
        case shape.Wait():
            return Step.Kind.WAIT.value
        case shape.Branch():
            return Step.Kind.BRANCH.value
        case shape.Exit():
            return Step.Kind.EXIT.value


def step_fields(step: shape.Step) -> JsonObject:
    """The columns of `step`, but for those that say which it is and what it mails."""
    fields: JsonObject = {"wait_for": None, "rule": {}, "next_key": "", "else_key": ""}
    match step:
        case shape.Send():
            return {**fields, "kind": Step.Kind.SEND, "next_key": step.next}
        case shape.Wait():
            return {**fields, "kind": Step.Kind.WAIT, "wait_for": step.wait, "next_key": step.next}
        case shape.Branch(branch=question):
            ways = {"next_key": question.then, "else_key": question.otherwise}
            return {**fields, "kind": Step.Kind.BRANCH, "rule": question.rule, **ways}
        case shape.Exit():
            return {**fields, "kind": Step.Kind.EXIT}
