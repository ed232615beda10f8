"""What was found, for people and for machines."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.table import BENCHMARKS

TARGETS = {name: target for benchmark in BENCHMARKS.values() for name, target in benchmark.targets.items()}


def say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def write(path: Path, figures: Mapping[str, float]) -> None:
    """One flat JSON object."""
    path.write_text(json.dumps({name: shown(value) for name, value in figures.items()}, indent=2) + "\n")


def table(figures: Mapping[str, float]) -> str:
    """A line for each figure; beside those that have a target, whether they meet it."""
    lines = [f"{name:28} {shown(value):>10,} {verdict(name, value)}".rstrip() for name, value in figures.items()]
    met = [target.is_met_by(figures[name]) for name, target in TARGETS.items() if name in figures]
    return "\n".join(["", *lines, "", f"{sum(met)} of {len(met)} targets met."])


def verdict(name: str, value: float) -> str:
    target = TARGETS.get(name)
    return "" if target is None else f"  {target!s:8} {'ok' if target.is_met_by(value) else 'SHORT'}"


def shown(value: float) -> float:
    """Four digits: with fewer, what falls short by a little would look as if it did not."""
    return round(value) if value >= 1_000 else float(f"{value:.4g}")
