"""Walking: from a step through all that follow until one waits or the flow ends. Pure; nothing is written or sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.core.json import Facts, JsonObject
from automation.enrollments.mails_had import NONE, MailsHad
from automation.flows.graph import MAX_STEPS
from automation.flows.steps import KINDS


class EndlessWalk(RuntimeError):
    """A walk that does not come to rest: a bug, since publishing should have refused the flow."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The wish of a send step."""

    step_key: str
    visit: int
    template_id: int


@dataclass(frozen=True, slots=True)
class Walk:
    runs: list[tuple[str, int, JsonObject]]  # (step key, visit, result) of each step run
    mails: list[Mail]
    step_key: str  # Where it rests; empty at the end.
    due_at: datetime | None  # When to go on; None at the end.
    visits: int


def walk(
    steps: Mapping[str, JsonObject], *, start: str, visits: int, facts: Facts, at: datetime, had: MailsHad = NONE
) -> Walk:
    """Run steps from `start`. `visits` counts the steps that this enrollment has run before, and numbers these.

    What the contact `had` before it was moved to this version is passed over, and its step run says so.
    """
    runs: list[tuple[str, int, JsonObject]] = []
    mails: list[Mail] = []
    key: str | None = start
    while key:
        if len(runs) >= MAX_STEPS:  # Publishing refuses longer flows, and loops without a wait.
            raise EndlessWalk(f"{MAX_STEPS} steps without a wait, now at “{key}”")
        config = steps[key]
        move = KINDS[config["kind"]].run(config, facts, at)
        visit = visits + len(runs) + 1
        result = {"kind": config["kind"], "next": move.next, **move.result}
        if move.mail and had.repeats(key, move.mail):
            result["passed_over"] = "had it already"
        elif move.mail:
            mails.append(Mail(key, visit, move.mail))
        runs.append((key, visit, result))
        key = move.next
        if move.due_at and key:
            return Walk(runs, mails, key, move.due_at, visits + len(runs))
    return Walk(runs, mails, "", None, visits + len(runs))
