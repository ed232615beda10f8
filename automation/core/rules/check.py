"""What is wrong with a rule that somebody wrote, and where. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from automation.core.faults import MAX_FAULTS, Fault
from automation.core.json import Json, JsonObject
from automation.core.rules import shapes
from automation.core.rules.language import HISTORY, MAX_DEPTH, group_of, history_of
from automation.core.rules.operators import OPERATORS, Operator
from automation.core.rules.values import is_storable_text

MAX_FIELD: Final = 500  # Longer than any path that an event can have within reason.


class RuleInvalid(ValueError):
    """`faults`, one at least, say what is wrong and where; `pointer` and `message` are the first one's."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        self.pointer, _, self.message = faults[0]
        super().__init__(f"{self.pointer or '/'}: {self.message}")


class _Scope(NamedTuple):
    roots: tuple[str, ...]  # Of the fields that can be read here.
    example: str
    has_history: bool
    operators: Mapping[str, Operator]


# Of the time of asking, `where` knows nothing: nobody could tell when an answer about many events changes.
TIMELESS: Final = {name: operator for name, operator in OPERATORS.items() if operator.window is None}
_RULE: Final = _Scope(
    ("contact.", "event.", "awaited."), "contact.attributes.plan or event.payload.total", True, OPERATORS
)
_WHERE: Final = _Scope(("event.",), "event.payload.total", False, TIMELESS)


def check(rule: Json) -> None:
    """Raise RuleInvalid if there is anything wrong with a rule that somebody wrote."""
    if faults := faults_of(rule):
        raise RuleInvalid(faults)


def faults_of(rule: Json) -> list[Fault]:
    """The first MAX_FAULTS faults of what should be a rule, in the order in which it is written."""
    return list(islice(_faults(rule, "", _RULE), MAX_FAULTS))


def _faults(rule: Json, pointer: str, scope: _Scope) -> Iterator[Fault]:
    if pointer.count("/") > 2 * MAX_DEPTH:
        yield Fault(pointer, "too_deep", f"A rule may be nested {MAX_DEPTH} levels deep at most.")
    elif not isinstance(rule, dict):
        yield Fault(pointer, "wrong_type", "Expected an object.")
    elif group := group_of(rule):
        yield from _group_faults(rule, group, pointer, scope)
    elif scope.has_history and (kind := history_of(rule)):
        yield from _history_faults(rule, kind, pointer)
    elif rule:
        yield from _comparison_faults(rule, pointer, scope)


def _group_faults(rule: JsonObject, group: str, pointer: str, scope: _Scope) -> Iterator[Fault]:
    if others := _names(set(rule) - {group}):
        yield Fault(pointer, "unknown_field", f"“{group}” must stand alone, but there is also: {others}.")
    if not isinstance(rule[group], list) or not rule[group]:
        yield Fault(f"{pointer}/{group}", "wrong_type", "Expected a list of at least one rule.")
        return
    for index, child in enumerate(rule[group]):
        yield from _faults(child, f"{pointer}/{group}/{index}", scope)


def _comparison_faults(rule: JsonObject, pointer: str, scope: _Scope) -> Iterator[Fault]:
    if unknown := _names(set(rule) - {"field", "op", "value"}):
        yield Fault(pointer, "unknown_field", f"Unknown: {unknown}. Expected field, op, value, or a group.")
    field = rule.get("field")
    if not (is_storable_text(field) and field.startswith(scope.roots) and len(field) <= MAX_FIELD):
        yield Fault(f"{pointer}/field", "bad_field", f"Expected a field such as {scope.example}.")
    operator = scope.operators.get(rule["op"]) if isinstance(rule.get("op"), str) else None
    if operator is None:
        yield Fault(f"{pointer}/op", "unknown_operator", f"Expected one of {', '.join(scope.operators)}.")
    elif not operator.takes.accepts(rule.get("value")):
        yield Fault(f"{pointer}/value", "bad_value", f"“{rule['op']}” expects {operator.takes.expects}.")


def _history_faults(rule: JsonObject, kind: str, pointer: str) -> Iterator[Fault]:
    if unknown := _names(set(rule) - {kind, *HISTORY[kind]}):
        known = ", ".join(HISTORY[kind]) or "nothing"
        yield Fault(pointer, "unknown_field", f"Unknown: {unknown}. Beside “{kind}” may stand {known}.")
    for name, shape in shapes.HISTORY_SHAPES.items():
        if name in rule and not shape.accepts(rule[name]):
            yield Fault(f"{pointer}/{name}", "bad_value", f"“{name}” expects {shape.expects}.")
    if _is_count(rule.get("at_least")) and _is_count(rule.get("at_most")) and rule["at_least"] > rule["at_most"]:
        yield Fault(f"{pointer}/at_most", "bad_value", "“at_most” is less than “at_least”.")
    if "where" in rule:
        yield from _faults(rule["where"], f"{pointer}/where", _WHERE)


_is_count = shapes.COUNT.accepts


def _names(names: Collection[Json]) -> str:
    return ", ".join(sorted(str(name) for name in names))
