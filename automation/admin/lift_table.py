"""Lift on a flow's page: both arms, and a sentence that says no more than the numbers do."""

from datetime import datetime

from automation.admin.tables import Table
from automation.core.intervals import wilson
from automation.core.spans import span
from automation.enrollments.lift import MIN_CONVERSIONS, MIN_PEOPLE, Finding, Group, Lift, lift_of
from automation.flows.models import Flow

TITLE = "Does it help?"


def lift_table(flow: Flow, at: datetime) -> list[Table]:
    """None for a flow that holds nobody out."""
    lift = lift_of(flow, at=at)
    if lift is None:
        hint = Table(TITLE, [], [], empty="Choose an event that says when it has helped, save and publish.")
        return [hint] if flow.holdout_percent else []
    time = span(flow.conversion_within)
    return [
        Table(
            TITLE,
            ["", "People", f"“{flow.conversion_event}” within {time}", "Rate", "Surely between", "Time not over yet"],
            [_row("Entered", lift.entered), _row("Held out", lift.held_out)],
            empty="",
            note=sentence(lift),
        )
    ]


def sentence(lift: Lift) -> str:
    low, high = (100 * bound for bound in lift.difference)
    between = f"between {low:+.1f} and {high:+.1f} percentage points"
    needed = f"{MIN_PEOPLE} people in each row, and {MIN_CONVERSIONS} conversions"
    return {
        Finding.TOO_FEW: f"Too few to tell: it takes {needed}.",
        Finding.UNCLEAR: f"It cannot be told yet whether it helps: the difference is {between}.",
        Finding.HELPS: f"It helps: the difference is {between}.",
        Finding.HURTS: f"It does harm: the difference is {between}.",
    }[lift.finding]


def _row(title: str, group: Group) -> list[str]:
    of, converted = group.share
    low, high = (100 * bound for bound in wilson(group.share))
    shown = [f"{100 * group.share.value:.1f} %", f"{low:.1f} % and {high:.1f} %"] if of else ["-", "-"]
    return [title, f"{of:,}", f"{converted:,}", *shown, f"{group.waiting:,}"]
