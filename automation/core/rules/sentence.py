"""A rule in plain English. Pure."""

from typing import Final

from automation.core.json import Json, JsonObject
from automation.core.rules import shapes
from automation.core.rules.language import group_of
from automation.core.rules.operators import OPERATORS


def sentence(rule: JsonObject) -> str:
    """The whole rule as one sentence. `rule` must have passed `check`."""
    if not rule:
        return "Everybody."
    said = _said(rule)
    return f"{said[0].upper()}{said[1:]}."


def phrase(node: JsonObject, *, field: str = "") -> str:
    """A node that is no group: “contact.attributes.plan is “pro””. `field` is said instead of the field, if given."""
    field, operator = field or node["field"], OPERATORS[node["op"]]
    if operator.takes is shapes.FLAG:
        return f"{field} {operator.words if node['value'] else operator.words.replace('is', 'is not')}"
    if operator.takes is shapes.RANGE:
        return f"{field} {operator.words} {' and '.join(value(end) for end in node['value'])}"
    shown = span(node["value"]) if operator.takes is shapes.DURATION else value(node["value"])
    return f"{field} {operator.words} {shown}"


def value(shown: Json) -> str:
    if isinstance(shown, str):
        return f"“{shown}”"
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, list):
        return ", ".join(value(one) for one in shown)
    return "nothing" if shown is None else str(shown)


def span(duration: JsonObject) -> str:
    """“30 days”."""
    return " ".join(f"{amount} {unit[:-1] if amount == 1 else unit}" for unit, amount in duration.items())


def _said(rule: JsonObject, *, inside: bool = False) -> str:
    if not rule:
        return "anything"
    group = group_of(rule)
    if group is None:
        return phrase(rule, field=_named(rule["field"]))
    if len(rule[group]) == 1:
        return _BEFORE_ONE[group] + _said(rule[group][0], inside=inside or group == "none")
    said = _BEFORE_MANY[group] + _BETWEEN[group].join(_said(child, inside=True) for child in rule[group])
    return f"({said})" if inside else said


def _named(field: str) -> str:
    root, _, path = field.partition(".")
    for prefix in ("attributes.", "payload."):
        path = path.removeprefix(prefix)
    return f"the {root}'s {_NAMES.get(path, path)}"


_BEFORE_ONE: Final = {"all": "", "any": "", "none": "it is not so that "}
_BEFORE_MANY: Final = {"all": "", "any": "", "none": "neither "}
_BETWEEN: Final = {"all": " and ", "any": " or ", "none": " nor "}
_NAMES: Final = {"time_zone": "time zone", "external_id": "id", "occurred_at": "time"}
