"""Warm-up plans: what a file says of their days and brakes. How far each has come is its own affair."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from automation.core.json import JsonObject
from automation.delivery.models import EspAccount, SenderIdentity, WarmupPlan
from automation.delivery.warmup.fill import fill
from automation.delivery.warmup.presets import Caps, Preset, days
from automation.management.configuration.calendar_shape import default
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer

# As many as a column holds.
Mails = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class Day(Struct):
    hourly: Mails
    daily: Mails


class Brakes(Struct):
    hard_bounces: float = default(WarmupPlan, "max_bounce_percent")
    complaints: float = default(WarmupPlan, "max_complaint_percent")
    min_volume: int = default(WarmupPlan, "min_volume")


class Warmup(Struct):
    """Its days come from a preset, or stand in the file one by one."""

    preset: Preset | None = None
    target: Mails | None = None  # Mails on the last day of a preset.
    days: list[Day] = []
    begins: Annotated[datetime, Meta(tz=True)] | None = None  # Left out: when it is first applied.
    brakes: Brakes = field(default_factory=Brakes)


_CALLED: dict[str, Path] = {
    "started_at": ("begins",),
    "max_bounce_percent": ("brakes", "hard_bounces"),
    "max_complaint_percent": ("brakes", "complaints"),
    "min_volume": ("brakes", "min_volume"),
}


def write_warmups(writer: Writer, account: str, wanted: Mapping[str, Warmup]) -> list[Change]:
    """The plans of an account, by domain. What could not be written is not among the changes."""
    path: Path = ("warmups", account)
    row = writer.find("esp_accounts", account, path)
    if row is None:
        return []
    changes = (_write(writer, row, domain, plan, (*path, domain)) for domain, plan in wanted.items())
    return [change for change in changes if change is not None]


def _write(writer: Writer, account: EspAccount, domain: str, wanted: Warmup, path: Path) -> Change | None:
    caps = _caps(writer, wanted, path)
    if not SenderIdentity.objects.of_domain(domain).exists():
        writer.faults.add(path, "No sender has an address there.")
        return None
    identity = {"account": account, "domain": domain}
    what = f"warm-up of {domain} through {account}"
    if caps is None:
        return None
    written = writer.write_row(WarmupPlan, identity, what, path, _fields(wanted), called=_CALLED)
    if written is None:
        return None
    plan, change = written
    details = _write_days(plan, caps)
    if not change.is_new:
        change.details.extend(details)
    if plan.status == WarmupPlan.Status.FROZEN:
        writer.notes.append(f"The {what} is frozen, and stays so: {plan.frozen_reason}")
    return change


def _caps(writer: Writer, wanted: Warmup, path: Path) -> Sequence[Caps] | None:
    """Those of each day. None, and a fault, if it is not clear which."""
    if bool(wanted.days) == (wanted.preset is not None):
        writer.faults.add(path, "Expected either preset or days.")
    elif wanted.days:
        return [Caps(day.hourly, day.daily) for day in wanted.days]
    elif wanted.preset is not Preset.SENDGRID and wanted.target is None:
        writer.faults.add(path, "This lacks target: how many mails will go out on its last day.")
    elif wanted.preset:
        return days(wanted.preset, target=wanted.target or 0)
    return None


def _fields(wanted: Warmup) -> JsonObject:
    return {
        **({"started_at": wanted.begins} if wanted.begins else {}),
        "max_bounce_percent": wanted.brakes.hard_bounces,
        "max_complaint_percent": wanted.brakes.complaints,
        "min_volume": wanted.brakes.min_volume,
    }


def _write_days(plan: WarmupPlan, wanted: Sequence[Caps]) -> list[str]:
    """What that changed."""
    before = list(plan.days.values_list("day", "hourly", "daily"))
    after = [(number, *caps) for number, caps in enumerate(wanted, start=1)]
    if before == after:
        return []
    fill(plan, wanted)
    return [f"days: {_told(before)} → {_told(after)}"]


def _told(rows: Sequence[tuple[int, int, int]]) -> str:
    return f"{len(rows)}, up to {rows[-1][2]:,} mails" if rows else "none"
