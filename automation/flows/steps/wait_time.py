"""wait_time: go on at a time of day, on one of some weekdays, by the contact's clock."""

from datetime import datetime, time, timedelta

from automation.core.calendar import next_local
from automation.core.json import Facts, Json
from automation.flows.clock import zone_in
from automation.flows.models import Step, Weekday
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Move, StepKind, next_of, only_next
from automation.flows.steps.options import NEXT, Field, Type

CLOCK = Field(
    "clock",
    "clock",
    Type.CLOCK,
    "Until",
    "By the clock of the contact, else of the flow, else of the house rules. Such as 09:00.",
)
WEEKDAYS = Field("weekdays", "weekdays", Type.WEEKDAYS, "On", "None chosen: any day.")


def clock_of(value: Json) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) and len(value) == len("09:00") else None
    except ValueError:
        return None


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    faults = [] if clock_of(step.options.get("clock")) else ["Say at which time to go on, such as 09:00."]
    if not set(step.options.get("weekdays") or []) <= set(Weekday.values):
        faults.append("Weekdays are 0 (Monday) to 6 (Sunday).")
    return faults


def _compile(step: Step, following: str | None) -> Config:
    return {
        "clock": step.options.get("clock", ""),
        "weekdays": sorted(step.options.get("weekdays") or []),
        "zone": step.flow.time_zone,
        "next": next_of(step, following),
    }


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return _resume(config, facts, at, at)


def _resume(config: Config, facts: Facts, since: datetime, at: datetime) -> Move:
    """By the clock that the contact has now: who has moved meanwhile waits for the time there."""
    zone = zone_in(facts, config["zone"])
    later = since + timedelta(microseconds=1)  # Or a loop would come by once more within the same instant.
    until = next_local(time.fromisoformat(config["clock"]), zone, later, weekdays=config["weekdays"])
    result = {"until": until.isoformat(), "zone": zone.key}
    return Move(next=config["next"], due_at=until if until > at else None, stays=until > at, result=result)


def _gist(config: Config) -> str:
    days = ", ".join(Weekday(day).label for day in config["weekdays"])
    return f"wait until {config['clock']}{f' on {days}' if days else ''}"


KIND = StepKind(
    "wait_time",
    "wait for a time of day",
    (CLOCK, WEEKDAYS, NEXT),
    faults=_faults,
    compile=_compile,
    leads_to=only_next,
    gist=_gist,
    run=_run,
    resume=_resume,
    waits=True,
)
