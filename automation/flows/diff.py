"""What publishing a draft would change in the steps of a flow. Pure."""

from dataclasses import dataclass

from automation.core.json import JsonObject
from automation.flows.definition import Definition


@dataclass(frozen=True, slots=True)
class StepChange:
    key: str
    before: JsonObject | None  # As compiled. None: there was no such step.
    after: JsonObject | None  # None: there is none any more.

    @property
    def word(self) -> str:
        if self.before is None:
            return "new"
        return "gone" if self.after is None else "changed"


def changed_steps(before: Definition, after: Definition) -> list[StepChange]:
    """Those that are not what they were, in no order. A step is told by its name."""
    keys = dict.fromkeys([*after.steps, *before.steps])
    changes = [StepChange(key, before.steps.get(key), after.steps.get(key)) for key in keys]
    return [change for change in changes if change.before != change.after]
