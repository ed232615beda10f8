"""The JSON Schema of a rule, for editors and for other programs. docs/rules.schema.json is what it comes to.

It takes every rule that `check` takes. A few that `check` refuses it lets pass, since it cannot say so: the order of a
range, dates in no calendar, text that PostgreSQL could not keep, and how deep a rule is nested.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from automation.core.json import JsonObject
from automation.core.rules.check import MAX_FIELD, TIMELESS
from automation.core.rules.language import GROUPS, HISTORY
from automation.core.rules.operators import OPERATORS, Operator
from automation.core.rules.shapes import HISTORY_SHAPES

# Grows when a rule that was valid would be so no more, or would mean something else.
VERSION: Final = 1


def schema() -> JsonObject:
    """JSON Schema (2020-12), with `rule` at the top and `about_events` for what may stand in `where`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:signalpost:rule:{VERSION}",
        "title": "A rule of Signalpost",
        "$ref": "#/$defs/rule",
        "$defs": {
            "rule": {
                "anyOf": [
                    _EMPTY,
                    *_groups("rule"),
                    *_comparisons(("contact", "event", "awaited"), OPERATORS),
                    *_questions(),
                ]
            },
            "about_events": {"anyOf": [_EMPTY, *_groups("about_events"), *_comparisons(("event",), TIMELESS)]},
        },
    }


_EMPTY: Final = {"type": "object", "maxProperties": 0}


def _groups(below: str) -> list[JsonObject]:
    children = {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/{below}"}}
    return [_object({group: children}, required=[group]) for group in GROUPS]


def _comparisons(roots: Iterable[str], operators: Mapping[str, Operator]) -> list[JsonObject]:
    field = {"type": "string", "maxLength": MAX_FIELD, "pattern": f"^({'|'.join(roots)})[.]"}
    by_shape: dict[str, list[str]] = {}
    for name, operator in operators.items():
        by_shape.setdefault(operator.takes.name, []).append(name)
    shapes = {operator.takes.name: operator.takes.schema for operator in operators.values()}
    return [
        _object({"field": field, "op": {"enum": names}, "value": shapes[shape]}, required=["field", "op", "value"])
        for shape, names in by_shape.items()
    ]


def _questions() -> list[JsonObject]:
    said = {**{name: shape.schema for name, shape in HISTORY_SHAPES.items()}, "where": {"$ref": "#/$defs/about_events"}}
    return [
        _object({name: said[name] for name in (kind, *beside)}, required=[kind]) for kind, beside in HISTORY.items()
    ]


def _object(properties: JsonObject, *, required: list[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
