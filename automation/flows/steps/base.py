"""What every kind of step is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from automation.core.json import Facts, JsonObject
from automation.events.models import EventType
from automation.flows.models import Step


@dataclass(frozen=True, slots=True)
class Move:
    """What running a step came to: where to go, when, and what to mail. A value: nothing has happened yet."""

    next: str | None  # Key of the step that follows; None: the end.
    due_at: datetime | None = None  # When to go there; None: at once.
    mail: int | None = None  # Id of the template to mail.
    result: JsonObject = field(default_factory=dict)  # For the step run: what was decided and seen.


@dataclass(frozen=True, slots=True)
class StepKind:
    """One kind of step, from the marketer's draft to its run.

    `faults(step, trigger)` says in a marketer's words what is wrong with a draft, of the fields that this kind has;
    others may hold anything. No trigger: a schedule. `compile(step, following)` turns a draft, which may have faults,
    into what is published, where `following` is the key of the step below it. `leads_to(config)` lists the steps that
    may come next. `run(config, facts, at)` is pure.
    """

    name: str
    faults: Callable[[Step, EventType | None], list[str]]
    compile: Callable[[Step, str | None], JsonObject]
    leads_to: Callable[[JsonObject], list[str | None]]
    run: Callable[[JsonObject, Facts, datetime], Move]
    waits: bool = False  # Time passes here, so a loop through it does no harm.


def next_of(step: Step, following: str | None) -> str | None:
    return step.next_key or following


def only_next(config: JsonObject) -> list[str | None]:
    return [config["next"]]
