"""wait_date: go on some days before, on or after a date that is known of the contact or of the event."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from automation.core.calendar import instant_of
from automation.core.json import Facts, Json
from automation.core.paths import look_up
from automation.core.rules.values import instant
from automation.flows.clock import zone_in
from automation.flows.models import Step
from automation.flows.schema import AtHand, lack
from automation.flows.steps.base import Config, Move, StepKind, next_and_else, next_of
from automation.flows.steps.options import ELSE, THEN, Field, Type
from automation.flows.steps.wait_time import CLOCK, clock_of

DATE = Field("date", "date", Type.PATH, "Until the date in", "Such as contact.attributes.trial_ends_at.")
DAYS = Field("days", "days", Type.WHOLE, "Days after", "Below 0: before. Empty: the day itself.")
AT = replace(CLOCK, label="At (empty: as the date says)")
# Nobody plans further, and far beyond, there are no dates any more.
MOST_DAYS = 3653


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    path, days, clock = (step.options.get(name) for name in ("date", "days", "clock"))
    faults = []
    if not path:
        faults.append("Say which date to wait for.")
    elif missing := lack(at_hand, path):
        faults.append(f"It asks for {path}, {missing}.")
    if days is not None and not (isinstance(days, int) and abs(days) <= MOST_DAYS):
        faults.append("The days before or after are a whole number, ten years at most.")
    if clock and not clock_of(clock):
        faults.append("The time looks like 09:00.")
    return faults


def _compile(step: Step, following: str | None) -> Config:
    return {
        "date": step.options.get("date", ""),
        "days": step.options.get("days") or 0,
        "clock": step.options.get("clock") or "",
        "zone": step.flow.time_zone,
        "next": next_of(step, following),
        "else": step.else_key or following,
    }


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    return _resume(config, facts, at, at)


def _resume(config: Config, facts: Facts, since: datetime, at: datetime) -> Move:
    """By the date as it is now, which may have been moved. One that was over when the wait began leads to `else`."""
    seen = look_up(facts, config["date"])
    until = _until(seen, config, facts)
    if until is None or until < since:
        return Move(next=config["else"], result={"date": seen if isinstance(seen, str) else None})
    result = {"until": until.isoformat(), "date": seen}
    return Move(next=config["next"], due_at=until if until > at else None, stays=until > at, result=result)


def _until(seen: Json, config: Config, facts: Facts) -> datetime | None:
    """None: this is no date."""
    date = instant(seen)
    if date is None:
        return None
    zone = zone_in(facts, config["zone"])
    is_day = len(seen) == len("2026-01-31")  # A day is one by the contact's calendar, a moment the same everywhere.
    local = date.replace(tzinfo=zone) if is_day else date.astimezone(zone)
    clock = clock_of(config["clock"]) or (time() if is_day else local.timetz().replace(tzinfo=None))
    try:
        return instant_of(local.date() + timedelta(days=config["days"]), clock, zone)
    except OverflowError:
        return None


def _gist(config: Config) -> str:
    days = config["days"]
    shift = f"{abs(days)} day{'s' if abs(days) > 1 else ''} {'after' if days > 0 else 'before'} " if days else ""
    clock = f" at {config['clock']}" if config["clock"] else ""
    return f"wait until {shift}{config['date']}{clock}"


KIND = StepKind(
    "wait_date",
    "wait for a date",
    (DATE, DAYS, AT, THEN, ELSE),
    faults=_faults,
    compile=_compile,
    leads_to=next_and_else,
    gist=_gist,
    run=_run,
    resume=_resume,
)
