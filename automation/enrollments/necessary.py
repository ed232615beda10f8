"""What an event must hold for a version to let anybody in on it: one comparison that its whole rule hangs on. Pure."""

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from automation.core.json import Json, JsonObject
from automation.flows.definition import of_version
from automation.flows.models import FlowVersion
from automation.flows.triggers import TriggerKind

# Parts of an event that never change, and that rules can read.
_ROOTS: Final = ("payload", "metadata")
# Beyond, two floats that differ may be the same number to a rule.
_EXACT: Final = 2**53


class Necessary(NamedTuple):
    root: str  # payload or metadata
    path: str  # below it
    values: Sequence[Hashable]  # One of these must be there.
    rule: JsonObject  # The comparison itself, as a rule.


def necessary(version: FlowVersion, *, also_by_rule: bool) -> Necessary | None:
    """Of a segment's flow, that it is this segment; else, if wanted, what its entry rule needs. None: nothing is.

    An event for which the rule holds has one of the values. The other way round need not be.
    """
    if version.trigger_kind == TriggerKind.SEGMENT:
        return _necessary({"field": "event.payload.segment", "op": "eq", "value": version.trigger_key})
    return _of_rule(of_version(version).entry_rule) if also_by_rule else None


def _of_rule(rule: JsonObject) -> Necessary | None:
    if "all" in rule:
        return next((found for child in rule["all"] if (found := _of_rule(child))), None)
    return _necessary(rule)


def _necessary(rule: JsonObject) -> Necessary | None:
    if rule.get("op") not in {"eq", "in"} or "field" not in rule:
        return None
    _, root, *names = rule["field"].split(".") if rule["field"].startswith("event.") else ("", "")
    values = [rule["value"]] if rule["op"] == "eq" else rule["value"]
    if root not in _ROOTS or not names or not all(_can_be_looked_up(value) for value in values):
        return None
    return Necessary(root, ".".join(names), list(dict.fromkeys(values)), rule)


def _can_be_looked_up(value: Json) -> bool:
    """Python's equality, by which it is looked up, must be no narrower than that of rules (core/rules/values.py)."""
    return isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= _EXACT)
