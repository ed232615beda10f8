"""What every kind of step is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from automation.contacts.change import Change
from automation.core.json import Facts, JsonObject
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.options import NEXT, Field

Config = JsonObject  # What is published of a step: what its kind has compiled, and its `kind`.


class Heard(NamedTuple):
    """What happened to a contact who rests at a step."""

    event_type: int  # Its id, or CHANGE (flows/awaits.py).
    event: JsonObject  # As facts have it; of a change, nothing.


@dataclass(frozen=True, slots=True)
class Move:
    """What running a step came to: where to go, when, and what to do. A value: nothing has happened yet."""

    next: str | None  # Key of the step that follows; None: the end.
    due_at: datetime | None = None  # When to go there; None: at once.
    stays: bool = False  # It rests at this step until `due_at`, and is then resumed; `next` does not count.
    awaits: tuple[int, ...] = ()  # What else may let it go on: ids of event types, and CHANGE (flows/awaits.py).
    awaited: JsonObject | None = None  # The event that it has waited for. Steps that follow see it.
    mail: int | None = None  # Id of the template to mail.
    change: Change | None = None  # Of the contact.
    hook: JsonObject | None = None  # A call to another service: url, secret_env, values.
    result: JsonObject = field(default_factory=dict)  # For the step run: what was decided and seen.

    def added_to(self, facts: JsonObject) -> JsonObject:
        """What steps that follow know of the events at hand."""
        return {**facts, "awaited": self.awaited} if self.awaited else facts


@dataclass(frozen=True, slots=True)
class StepKind:
    """One kind of step, from the marketer's draft to its run.

    `faults(step, at_hand)` says in a marketer's words what is wrong with a draft, of the fields that this kind has;
    others may hold anything. `compile(step, following)` turns a draft, which may have faults, into what is published,
    where `following` is the key of the step below it. `leads_to(config)` lists the steps that may come next, and
    `by_event(config)` says to which of them an event leads, and the id of its type. `gist(config)` says in a few words
    what it does.
    `run(config, facts, at)` is pure, and so is `resume(config, facts, since, at)`, which says how to go on for who has
    rested at this step since then. `hear(config, facts, heard, since, at)` says what that does to who rests here; None:
    nothing.
    """

    name: str
    label: str
    fields: Sequence[Field]
    faults: Callable[[Step, AtHand], list[str]]
    compile: Callable[[Step, str | None], Config]
    leads_to: Callable[[Config], list[str | None]]
    gist: Callable[[Config], str]
    run: Callable[[Config, Facts, datetime], Move]
    resume: Callable[[Config, Facts, datetime, datetime], Move] | None = None
    hear: Callable[[Config, Facts, Heard, datetime, datetime], Move | None] | None = None
    by_event: Callable[[Config], tuple[str | None, int]] | None = None
    waits: bool = False  # Time passes here, so a loop through it does no harm.

    @property
    def bare(self) -> Field | None:
        """The one field that a configuration file gives as the step's value, where there is no other but `next`."""
        own = [one for one in self.fields if one is not NEXT]
        return own[0] if len(own) == 1 else None


def next_of(step: Step, following: str | None) -> str | None:
    return step.next_key or following


def only_next(config: Config) -> list[str | None]:
    return [config["next"]]


def next_and_else(config: Config) -> list[str | None]:
    return [config["next"], config["else"]]
