"""What the suite says at the end: a table for people, var/faults.json for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.process import ROOT

FILE = ROOT / "var" / "faults.json"
HEADINGS = ("case", "broker", "messages", "lost", "doubled", "uncertain %", "drain s", "holds")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case on one broker, as measured."""

    case: str
    broker: str
    messages: int
    lost: int
    doubled: int
    uncertain_pct: float
    drain_s: float
    holds: bool
    remarks: list[str] = field(default_factory=list)  # Breaches first. For people only.


def write(rows: Sequence[Row], file: Path = FILE) -> None:
    file.parent.mkdir(exist_ok=True)
    measured = [{name: value for name, value in asdict(row).items() if name != "remarks"} for row in rows]
    file.write_text(json.dumps(measured, indent=2) + "\n")


def table(rows: Sequence[Row]) -> str:
    lines = [HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(map(_aligned, line, widths, range(len(line)))) for line in lines]
    remarks = [f"{row.case} ({row.broker}): {remark}" for row in rows for remark in row.remarks]
    return "\n".join([*text, "", *remarks])


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (f"{row.messages:,}", str(row.lost), str(row.doubled), f"{row.uncertain_pct:.2f}", f"{row.drain_s:.1f}")
    return (row.case.replace("_", " "), row.broker, *numbers, "yes" if row.holds else "NO")


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.rjust(width) if 1 < place < len(HEADINGS) - 1 else cell.ljust(width)
