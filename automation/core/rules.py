"""The rule language: JSON trees of `all` / `any` / `none` over comparisons, evaluated over facts in hand.

    {"all": [{"field": "event.payload.total", "op": "gte", "value": 50},
             {"none": [{"field": "contact.region", "op": "in", "value": ["US", "CA"]}]}]}

An empty rule is true. Nothing is coerced: a comparison of values of different kinds is false (so `ne` is true), a
missing field is null, true and false are not numbers. Numbers compare as numbers, strings by code point.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from automation.core.json import Facts, Json, JsonObject
from automation.core.paths import MISSING, look_up

GROUPS: dict[str, Callable[[Sequence[bool]], bool]] = {
    "all": all,
    "any": any,
    "none": lambda results: not any(results),
}
ROOTS = ("contact.", "event.")
MAX_DEPTH = 20


class RuleInvalid(ValueError):
    """`pointer` (RFC 6901) says where in the rule, the message what is wrong there."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Operator:
    accepts: Callable[[Json], bool]  # May this value stand in a rule?
    expects: str  # In words, for the one who wrote another.
    holds: Callable[[Json, Json], bool]  # (value seen, value of the rule)


def evaluate(rule: JsonObject, facts: Facts) -> JsonObject:
    """The rule's trace: the same tree with `result` at each node and the value `seen` at each comparison.

    `rule` must have passed `check`. Pure.
    """
    for group, holds in GROUPS.items():
        if group in rule:
            children = [evaluate(child, facts) for child in rule[group]]
            return {group: children, "result": holds([child["result"] for child in children])}
    if not rule:
        return {"result": True}
    seen = look_up(facts, rule["field"])
    seen = None if seen is MISSING else seen
    return {**rule, "seen": seen, "result": OPERATORS[rule["op"]].holds(seen, rule.get("value"))}


def check(rule: Json, *, pointer: str = "") -> None:
    """Raise RuleInvalid at the first fault of a rule that somebody wrote."""
    if pointer.count("/") > 2 * MAX_DEPTH:
        raise RuleInvalid(pointer, f"A rule may be nested {MAX_DEPTH} levels deep at most.")
    if not isinstance(rule, dict):
        raise RuleInvalid(pointer, "Expected an object.")
    group = next((name for name in GROUPS if name in rule), None)
    if group:
        _check_group(rule, group, pointer)
    elif rule:
        _check_comparison(rule, pointer)


def fields(rule: JsonObject) -> set[str]:
    """Every field that the rule reads."""
    for group in GROUPS:
        if group in rule:
            return set().union(*(fields(child) for child in rule[group]))
    return {rule["field"]} if rule else set()


def _check_group(rule: JsonObject, group: str, pointer: str) -> None:
    if len(rule) > 1:
        others = ", ".join(sorted(set(rule) - {group}))
        raise RuleInvalid(pointer, f"“{group}” must stand alone, but there is also: {others}.")
    if not isinstance(rule[group], list) or not rule[group]:
        raise RuleInvalid(f"{pointer}/{group}", "Expected a list of at least one rule.")
    for index, child in enumerate(rule[group]):
        check(child, pointer=f"{pointer}/{group}/{index}")


def _check_comparison(rule: JsonObject, pointer: str) -> None:
    if unknown := set(rule) - {"field", "op", "value"}:
        raise RuleInvalid(pointer, f"Unknown: {', '.join(sorted(unknown))}. Expected field, op, value, or a group.")
    field = rule.get("field")
    if not isinstance(field, str) or not field.startswith(ROOTS):
        raise RuleInvalid(
            f"{pointer}/field", "Expected a field such as contact.attributes.plan or event.payload.total."
        )
    operator = OPERATORS.get(rule["op"]) if isinstance(rule.get("op"), str) else None
    if operator is None:
        raise RuleInvalid(f"{pointer}/op", f"Expected one of {', '.join(OPERATORS)}.")
    if not operator.accepts(rule.get("value")):
        raise RuleInvalid(f"{pointer}/value", f"“{rule['op']}” expects {operator.expects}.")


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_number_of_json(value: Json) -> bool:
    """Python reads NaN and Infinity out of JSON that is none; PostgreSQL would refuse the rule."""
    return _is_number(value) and (isinstance(value, int) or math.isfinite(value))


def _is_scalar(value: Json) -> bool:
    return isinstance(value, str | bool) or _is_number_of_json(value)


def _equal(seen: Json, value: Json) -> bool:
    if _is_number(seen) and _is_number(value):
        return bool(seen == value)
    return type(seen) is type(value) and bool(seen == value)


def _ordered(compare: Callable[[Json, Json], bool]) -> Operator:
    def holds(seen: Json, value: Json) -> bool:
        comparable = (_is_number(seen) and _is_number(value)) or (isinstance(seen, str) and isinstance(value, str))
        return comparable and compare(seen, value)

    return Operator(lambda value: _is_number_of_json(value) or isinstance(value, str), "a number or a text", holds)


def _text(compare: Callable[[str, str], bool]) -> Operator:
    def holds(seen: Json, value: Json) -> bool:
        return isinstance(seen, str) and compare(seen, value)

    return Operator(lambda value: isinstance(value, str) and value != "", "a text", holds)


def _contains(seen: Json, value: Json) -> bool:
    if isinstance(seen, str):
        return isinstance(value, str) and value in seen
    return isinstance(seen, list) and any(_equal(item, value) for item in seen)


def _scalar_list(value: Json) -> bool:
    return isinstance(value, list) and value != [] and all(_is_scalar(item) for item in value)


OPERATORS: dict[str, Operator] = {
    "eq": Operator(_is_scalar, "a text, a number, true or false", _equal),
    "ne": Operator(_is_scalar, "a text, a number, true or false", lambda seen, value: not _equal(seen, value)),
    "lt": _ordered(lambda seen, value: seen < value),
    "lte": _ordered(lambda seen, value: seen <= value),
    "gt": _ordered(lambda seen, value: seen > value),
    "gte": _ordered(lambda seen, value: seen >= value),
    "in": Operator(
        _scalar_list,
        "a list of texts, numbers, true or false",
        lambda seen, value: any(_equal(seen, item) for item in value),
    ),
    "contains": Operator(_is_scalar, "a text, a number, true or false", _contains),
    "starts_with": _text(str.startswith),
    "ends_with": _text(str.endswith),
    "exists": Operator(
        lambda value: isinstance(value, bool), "true or false", lambda seen, value: (seen is not None) == value
    ),
}
