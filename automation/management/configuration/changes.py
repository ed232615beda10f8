"""What applying a file changes, in the words in which it is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Model

# Longer values are cut: the file itself says the rest.
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the file names. Neither new nor with details: it is as the file says already."""

    what: str  # "flow welcome"
    is_new: bool = False
    details: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([f"{'+' if self.is_new else '~'} {self.what}", *(f"    {detail}" for detail in self.details)])


@dataclass(frozen=True, slots=True)
class Report:
    changes: list[Change]
    notes: list[str]  # What somebody should know, though it is nothing that the file could change.

    def __str__(self) -> str:
        changed = [change for change in self.changes if change.is_new or change.details]
        unchanged = f"= {len(self.changes) - len(changed)} unchanged"
        return "\n".join([*map(str, changed), unchanged, *(f"! {note}" for note in self.notes)])


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """`field: old → new`, for each that differs; in objects, for each path that does."""
    details = []
    for name in [*after, *sorted(before.keys() - after.keys())]:
        old, new = before.get(name), after.get(name)
        if old and new and isinstance(old, dict) and isinstance(new, dict):
            details += [f"{name}.{detail}" for detail in differences(old, new)]
        elif not same(old, new):
            details.append(f"{name}: {_shown(old, new)}")
    return details


def same(one: Any, other: Any) -> bool:
    """Equal as JSON is: 50 and 50.0 are, 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _shown(old: Any, new: Any) -> str:
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        matches = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).get_opcodes()
        removed = sum(end - begin for kind, begin, end, _, _ in matches if kind != "equal")
        added = sum(end - begin for kind, _, _, begin, end in matches if kind != "equal")
        return f"+{added} -{removed} lines"
    return f"{_text(old)} → {_text(new)}"


def _text(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, Model):
        return str(getattr(value, "key", value))
    if isinstance(value, str) and value.startswith("data:"):
        return f"{value.partition(';')[0].removeprefix('data:')} of {len(value):,} characters"
    text = str(value) if isinstance(value, str | timedelta | time | date) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
