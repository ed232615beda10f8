"""The nodes that a rule is made of, and what is wrong with one that somebody wrote."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from automation.core.faults import MAX_FAULTS, Fault
from automation.core.json import Json, JsonObject
from automation.core.rules.operators import OPERATORS
from automation.core.rules.values import is_storable_text

GROUPS: Final[dict[str, Callable[[Sequence[bool]], bool]]] = {
    "all": all,
    "any": any,
    "none": lambda results: not any(results),
}
ROOTS: Final = ("contact.", "event.")
MAX_DEPTH: Final = 20
MAX_FIELD: Final = 500  # Longer than any path that an event can have within reason.


class RuleInvalid(ValueError):
    """`faults`, one at least, say what is wrong and where; `pointer` and `message` are the first one's."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        self.pointer, _, self.message = faults[0]
        super().__init__(f"{self.pointer or '/'}: {self.message}")


def check(rule: Json) -> None:
    """Raise RuleInvalid if there is anything wrong with a rule that somebody wrote."""
    if faults := faults_of(rule):
        raise RuleInvalid(faults)


def faults_of(rule: Json) -> list[Fault]:
    """The first MAX_FAULTS faults of what should be a rule, in the order in which it is written."""
    return [fault for fault, _ in zip(_faults(rule, "", ROOTS), range(MAX_FAULTS), strict=False)]


def group_of(node: JsonObject) -> str | None:
    return next((name for name in GROUPS if name in node), None)


def leaves(rule: JsonObject) -> Iterator[JsonObject]:
    """The nodes below which there is none, as they are written. `rule` must have passed `check`."""
    group = group_of(rule)
    if group:
        for child in rule[group]:
            yield from leaves(child)
    elif rule:
        yield rule


def _faults(rule: Json, pointer: str, roots: tuple[str, ...]) -> Iterator[Fault]:
    if pointer.count("/") > 2 * MAX_DEPTH:
        yield Fault(pointer, "too_deep", f"A rule may be nested {MAX_DEPTH} levels deep at most.")
    elif not isinstance(rule, dict):
        yield Fault(pointer, "wrong_type", "Expected an object.")
    elif group := group_of(rule):
        yield from _group_faults(rule, group, pointer, roots)
    elif rule:
        yield from _comparison_faults(rule, pointer, roots)


def _group_faults(rule: JsonObject, group: str, pointer: str, roots: tuple[str, ...]) -> Iterator[Fault]:
    if others := ", ".join(sorted(str(name) for name in rule if name != group)):
        yield Fault(pointer, "unknown_field", f"“{group}” must stand alone, but there is also: {others}.")
    if not isinstance(rule[group], list) or not rule[group]:
        yield Fault(f"{pointer}/{group}", "wrong_type", "Expected a list of at least one rule.")
        return
    for index, child in enumerate(rule[group]):
        yield from _faults(child, f"{pointer}/{group}/{index}", roots)


def _comparison_faults(rule: JsonObject, pointer: str, roots: tuple[str, ...]) -> Iterator[Fault]:
    if unknown := ", ".join(sorted(str(name) for name in set(rule) - {"field", "op", "value"})):
        yield Fault(pointer, "unknown_field", f"Unknown: {unknown}. Expected field, op, value, or a group.")
    if not _is_field(rule.get("field"), roots):
        expected = " or ".join(_EXAMPLES[root] for root in roots)
        yield Fault(f"{pointer}/field", "bad_field", f"Expected a field such as {expected}.")
    operator = OPERATORS.get(rule["op"]) if isinstance(rule.get("op"), str) else None
    if operator is None:
        yield Fault(f"{pointer}/op", "unknown_operator", f"Expected one of {', '.join(OPERATORS)}.")
    elif not operator.takes.accepts(rule.get("value")):
        yield Fault(f"{pointer}/value", "bad_value", f"“{rule['op']}” expects {operator.takes.expects}.")


def _is_field(field: Json, roots: tuple[str, ...]) -> bool:
    return is_storable_text(field) and field.startswith(roots) and len(field) <= MAX_FIELD


_EXAMPLES: Final = {"contact.": "contact.attributes.plan", "event.": "event.payload.total"}
