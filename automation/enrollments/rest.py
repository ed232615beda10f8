"""Resting: who waits in a flow may be stopped there, or only be looked at. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from automation.core.json import Facts, JsonObject
from automation.enrollments.models import Enrollment
from automation.enrollments.walk import Walk, ended_run
from automation.flows.endings import Ending, all_awaits, ended_by, look_at


class Rest(NamedTuple):
    step_key: str  # Empty: its walk has ended.
    visits: int
    since: datetime | None  # If the step has been run, and is to be resumed.
    awaits: tuple[int, ...]
    until: datetime | None
    look_at: datetime | None  # Before `until`.

    @staticmethod
    def at_start(step_key: str) -> Rest:
        return Rest(step_key, 0, None, (), None, None)

    @staticmethod
    def of(enrollment: Enrollment) -> Rest:
        return Rest(
            enrollment.step_key,
            enrollment.visits,
            enrollment.rests_since,
            tuple(enrollment.awaits or ()),
            enrollment.goes_on_at,
            enrollment.due_at if enrollment.waits_until else None,
        )

    @staticmethod
    def after(walk: Walk) -> Rest:
        return Rest(walk.step_key, walk.visits, walk.rests_since, walk.awaits, walk.due_at, walk.look_at)


def end(rest: Rest, ending: Ending, trace: JsonObject) -> Walk:
    """The walk of who is stopped where it rests."""
    visits = rest.visits + 1
    runs = [(rest.step_key, visits, ended_run(ending, trace))]
    return Walk(runs, [], [], [], "", None, None, visits, ended_as=ending.status)


def look(rest: Rest, endings: Sequence[Ending], facts: Facts, at: datetime) -> Walk:
    """The walk of who waits, if nothing has happened but that time has passed: an end, or no step at all.

    What it waits for, and until when, stays; only when to look again is found anew.
    """
    if ended := ended_by(endings, facts, at):
        return end(rest, *ended)
    again_at = look_at(endings, facts, at=at, until=rest.until) if rest.until else None
    awaits = all_awaits(endings, rest.awaits)
    return Walk([], [], [], [], rest.step_key, rest.until, rest.since, rest.visits, awaits, look_at=again_at)
