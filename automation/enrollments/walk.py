"""Walking: from a step through all that follow until one waits or the flow ends. Pure; nothing is written or sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.contacts.change import Change, changed
from automation.core.json import Facts, JsonObject
from automation.enrollments.mails_had import HAD, NONE, MailsHad
from automation.flows.endings import Ending, all_awaits, ended_by, look_at
from automation.flows.graph import MAX_STEPS
from automation.flows.steps import KINDS, Move


class EndlessWalk(RuntimeError):
    """A walk that does not come to rest: a bug, since publishing should have refused the flow."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The wish of a send step."""

    step_key: str
    visit: int
    template_id: int


@dataclass(frozen=True, slots=True)
class Hook:
    """The wish of a hook step."""

    step_key: str
    visit: int
    call: JsonObject


@dataclass(frozen=True, slots=True)
class Walk:
    runs: list[tuple[str, int, JsonObject]]  # (step key, visit, result) of each step run
    mails: list[Mail]
    hooks: list[Hook]
    changes: list[Change]  # Of the contact, in their order.
    step_key: str  # Where it rests; empty at the end.
    due_at: datetime | None  # When to go on; None at the end.
    rests_since: datetime | None  # If the step where it rests has been run, and is to be resumed: since when.
    visits: int
    awaits: tuple[int, ...] = ()  # What else may let it go on, or end it.
    ended_as: str = ""  # Its goal is reached, or there was a reason to stop.
    look_at: datetime | None = None  # Before `due_at`, when time alone may end it; None: it cannot.


def walk(
    steps: Mapping[str, JsonObject],
    *,
    start: str,
    visits: int,
    facts: Facts,
    at: datetime,
    rests_since: datetime | None = None,
    had: MailsHad = NONE,
    first: Move | None = None,
    endings: Sequence[Ending] = (),
    is_late: bool = False,
) -> Walk:
    """Run steps from `start`, or resume it for who has rested there. `visits` counts the steps that this enrollment has
    run before, and numbers these.

    What a step changes of the contact, those after it see. What the contact `had` before it was moved to this version
    is passed over, and its step run says so; so is mail, if `is_late`. `first`: what the step at `start` has come to,
    if that is known. `endings` are looked at before each step.
    """
    runs: list[tuple[str, int, JsonObject]] = []
    mails: list[Mail] = []
    hooks: list[Hook] = []
    changes: list[Change] = []
    key: str | None = start
    while key:
        if len(runs) >= MAX_STEPS:  # Publishing refuses longer flows, and loops without a wait.
            raise EndlessWalk(f"{MAX_STEPS} steps without a wait, now at “{key}”")
        if ended := ended_by(endings, facts, at):
            ending, trace = ended
            runs.append((key, visits + len(runs) + 1, ended_run(ending, trace)))
            return Walk(runs, mails, hooks, changes, "", None, None, visits + len(runs), ended_as=ending.status)
        config = steps[key]
        since, rests_since = rests_since, None
        move, first = first or _move(config, facts, since, at), None
        visit = visits + len(runs) + 1
        following = key if move.stays else move.next
        result = {"kind": config["kind"], "next": following, **move.result}
        if move.mail and had.repeats(key, move.mail):
            result["passed_over"] = HAD
        elif move.mail and is_late:
            result["passed_over"] = "too late"
        elif move.mail:
            mails.append(Mail(key, visit, move.mail))
        runs.append((key, visit, result))
        if move.hook:
            hooks.append(Hook(key, visit, move.hook))
        if move.change:
            changes.append(move.change)
            facts = {**facts, "contact": {**facts["contact"], **changed(facts["contact"], move.change)}}
        key = following
        if move.due_at and key:
            rests_since = (since or at) if move.stays else None
            return Walk(
                runs,
                mails,
                hooks,
                changes,
                key,
                move.due_at,
                rests_since,
                visits + len(runs),
                all_awaits(endings, move.awaits),
                look_at=look_at(endings, facts, at=at, until=move.due_at),
            )
    return Walk(runs, mails, hooks, changes, "", None, None, visits + len(runs))


def ended_run(ending: Ending, trace: JsonObject) -> JsonObject:
    return {"kind": ending.status, "next": None, "trace": trace}


def _move(config: JsonObject, facts: Facts, since: datetime | None, at: datetime) -> Move:
    kind = KINDS[config["kind"]]
    return kind.resume(config, facts, since, at) if since and kind.resume else kind.run(config, facts, at)
