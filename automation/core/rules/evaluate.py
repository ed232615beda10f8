"""What a rule says of facts in hand. Pure."""

from datetime import datetime

from automation.core.json import Facts, Json, JsonObject
from automation.core.paths import MISSING, look_up
from automation.core.rules.language import GROUPS, group_of
from automation.core.rules.operators import OPERATORS
from automation.core.rules.questions import Answer, is_enough, key_of


def evaluate(rule: JsonObject, facts: Facts, *, at: datetime) -> JsonObject:
    """The rule's trace: the same tree with `result` at each node and the value `seen` at each comparison.

    `rule` must have passed `check`; `at` is the time of asking. Raises nothing, whatever values the facts hold, but
    KeyError if they lack an answer to one of `history(rule)`: not to know is not the same as never.
    """
    group = None if "field" in rule else group_of(rule)
    if group:
        children = [evaluate(child, facts, at=at) for child in rule[group]]
        return {group: children, "result": GROUPS[group]([child["result"] for child in children])}
    if not rule:
        return {"result": True}
    seen, result = _ask(rule, facts, at)
    return {**rule, "seen": seen, "result": result}


def holds(rule: JsonObject, facts: Facts, *, at: datetime) -> bool:
    """What `evaluate` would come to, without the trace: asks no more than it must."""
    group = None if "field" in rule else group_of(rule)
    if group == "all":
        return all(holds(child, facts, at=at) for child in rule["all"])
    if group:
        return any(holds(child, facts, at=at) for child in rule[group]) is (group == "any")
    return not rule or _ask(rule, facts, at)[1]


def _ask(node: JsonObject, facts: Facts, at: datetime) -> tuple[Json, bool]:
    """What was seen, and whether it is as the node wants it."""
    if "field" not in node:
        return _recall(node, facts)
    seen = look_up(facts, node["field"])
    if seen is MISSING:
        seen = None
    operator = OPERATORS[node["op"]]
    return seen, operator.holds(seen, operator.bind(node["value"], at) if operator.bind else node["value"])


def _recall(node: JsonObject, facts: Facts) -> tuple[Json, bool]:
    answer: Answer = facts["history"][key_of(node)]
    return bool(answer.times) if "segment" in node else answer.times, is_enough(node, answer)
