"""A rule in plain English. Pure."""

from typing import Final

from automation.core.json import Json, JsonObject
from automation.core.rules import shapes
from automation.core.rules.language import bounds, group_of
from automation.core.rules.operators import OPERATORS


def sentence(rule: JsonObject) -> str:
    """The whole rule as one sentence. `rule` must have passed `check`."""
    if not rule:
        return "Everybody."
    said = _said(rule)
    return f"{said[0].upper()}{said[1:]}."


def phrase(node: JsonObject) -> str:
    """A node that is no group, its fields as they are written: “contact.attributes.plan is “pro””."""
    return _compared(node, node["field"]) if "field" in node else _recalled(node)


def _compared(node: JsonObject, field: str) -> str:
    operator = OPERATORS[node["op"]]
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
        return _compared(rule, _named(rule["field"])) if "field" in rule else _recalled(rule)
    if len(rule[group]) == 1:
        return _BEFORE_ONE[group] + _said(rule[group][0], inside=inside or group == "none")
    said = _BEFORE_MANY[group] + _BETWEEN[group].join(_said(child, inside=True) for child in rule[group])
    return f"({said})" if inside else said


def _recalled(node: JsonObject) -> str:
    """“the contact did “OrderCompleted” at least 2 times within the last 30 days”."""
    if "segment" in node:
        return f"the contact is in the segment {value(node['segment'])}"
    often = _often(*bounds(node))
    did, what = ("{}did", value(node["did"])) if "did" in node else (_VERBS[node["mail"]], _mail(node))
    said = (
        f"the contact {did.format('never ')} {what}"
        if often is None
        else f"the contact {did.format('')} {what} {often}"
    )
    if "within" in node:
        said += f" within the last {span(node['within'])}"
    if "since" in node:
        said += f" since {node['since']}"
    return f"{said} where {_said(node['where'], inside=True)}" if node.get("where") else said


def _often(at_least: int, at_most: int | None) -> str | None:
    """None: never."""
    if at_most == 0:
        return None
    if at_most is None:
        return f"at least {_times(at_least)}"
    if at_least == 0:
        return f"at most {_times(at_most)}"
    return f"exactly {_times(at_most)}" if at_least == at_most else f"{at_least} to {_times(at_most)}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _mail(node: JsonObject) -> str:
    return f"the mail {value(node['template'])}" if "template" in node else "a mail"


def _named(field: str) -> str:
    root, _, path = field.partition(".")
    for prefix in ("attributes.", "payload."):
        path = path.removeprefix(prefix)
    return f"the {_ROOTS.get(root, root)}'s {_NAMES.get(path, path)}"


_VERBS: Final = {"sent": "was {}sent", "opened": "{}opened", "clicked": "{}clicked in"}
_BEFORE_ONE: Final = {"all": "", "any": "", "none": "it is not so that "}
_BEFORE_MANY: Final = {"all": "", "any": "", "none": "neither "}
_BETWEEN: Final = {"all": " and ", "any": " or ", "none": " nor "}
_ROOTS: Final = {"awaited": "awaited event"}
_NAMES: Final = {"time_zone": "time zone", "external_id": "id", "occurred_at": "time"}
