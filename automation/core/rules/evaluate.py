"""What a rule says of facts in hand. Pure."""

from datetime import datetime

from automation.core.json import Facts, Json, JsonObject
from automation.core.paths import MISSING, look_up
from automation.core.rules.language import GROUPS, group_of
from automation.core.rules.operators import OPERATORS


def evaluate(rule: JsonObject, facts: Facts, *, at: datetime) -> JsonObject:
    """The rule's trace: the same tree with `result` at each node and the value `seen` at each comparison.

    `rule` must have passed `check`; `at` is the time of asking. Raises nothing, whatever the facts.
    """
    group = group_of(rule)
    if group:
        children = [evaluate(child, facts, at=at) for child in rule[group]]
        return {group: children, "result": GROUPS[group]([child["result"] for child in children])}
    if not rule:
        return {"result": True}
    seen = _seen(rule["field"], facts)
    return {**rule, "seen": seen, "result": _holds(rule, seen, at)}


def holds(rule: JsonObject, facts: Facts, *, at: datetime) -> bool:
    """What `evaluate` would come to, without the trace: asks no more than it must."""
    group = group_of(rule)
    if group == "all":
        return all(holds(child, facts, at=at) for child in rule["all"])
    if group:
        return any(holds(child, facts, at=at) for child in rule[group]) is (group == "any")
    return not rule or _holds(rule, _seen(rule["field"], facts), at)


def _seen(field: str, facts: Facts) -> Json:
    seen = look_up(facts, field)
    return None if seen is MISSING else seen


def _holds(rule: JsonObject, seen: Json, at: datetime) -> bool:
    operator = OPERATORS[rule["op"]]
    return operator.holds(seen, operator.bind(rule["value"], at))
