"""The shapes that an operator's value may have in a rule: tested, named in words, and as JSON Schema."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from automation.core.json import Json, JsonObject
from automation.core.rules import values
from automation.core.rules.language import MAIL
from automation.core.rules.values import UNITS


@dataclass(frozen=True, slots=True)
class Shape:
    name: str  # For the condition builder: which kind of input.
    accepts: Callable[[Json], bool]
    expects: str  # In words, for the one who wrote another.
    schema: JsonObject  # As near as JSON Schema comes to `accepts`.


def _is_scalar_list(value: Json) -> bool:
    return isinstance(value, list) and value != [] and all(values.is_scalar(item) for item in value)


def _is_orderable(value: Json) -> bool:
    return values.is_storable_number(value) or values.is_storable_text(value)


def _is_range(value: Json) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(_is_orderable(end) for end in value):
        return False
    return values.less(value[1], value[0]) is False


def _is_domain(value: Json) -> bool:
    return values.is_storable_text(value) and value != "" and not set(value) & set("@ ") and value[0] != "."


_MAX_NAME: Final = 100  # As EventType.name.
_TEXT: Final = {"type": "string", "minLength": 1}
_SCALAR: Final = {"type": ["string", "number", "boolean"]}
_ORDERABLE: Final = {"type": ["string", "number"]}
_SPAN: Final = {
    "type": "object",
    "minProperties": 1,
    "properties": {unit: {"type": "integer", "minimum": 0} for unit in UNITS},
    "additionalProperties": False,
}

SCALAR = Shape("scalar", values.is_scalar, "a text, a number, true or false", _SCALAR)
SCALARS = Shape(
    "scalars",
    _is_scalar_list,
    "a list of texts, numbers, true or false",
    {"type": "array", "minItems": 1, "items": _SCALAR},
)
ORDERABLE = Shape("orderable", _is_orderable, "a number or a text", _ORDERABLE)
RANGE = Shape(
    "range",
    _is_range,
    "a list of two numbers or two texts, the lower first",
    {"type": "array", "minItems": 2, "maxItems": 2, "items": _ORDERABLE},
)
TEXT = Shape("text", lambda value: values.is_storable_text(value) and value != "", "a text", _TEXT)
DOMAIN = Shape("domain", _is_domain, "a domain such as example.com", {**_TEXT, "pattern": "^[^.@ ][^@ ]*$"})
FLAG = Shape("flag", lambda value: isinstance(value, bool), "true or false", {"type": "boolean"})
INSTANT = Shape(
    "instant",
    values.is_instant,
    "a date or time in ISO 8601, such as 2026-01-31 or 2026-01-31T09:00:00+01:00",
    {"type": "string", "pattern": f"({values.WITH_ZONE})|({values.WITHOUT_ZONE})"},
)
DURATION = Shape("duration", values.is_duration, 'a duration such as {"days": 30}, ten years at most', _SPAN)
COUNT = Shape(
    "count",
    lambda value: type(value) is int and 0 <= value <= 10_000,
    "a number from 0 to 10000",
    {"type": "integer", "minimum": 0, "maximum": 10_000},
)
NAME = Shape(
    "name",
    lambda value: values.is_storable_text(value) and 0 < len(value) <= _MAX_NAME,
    f"a name of {_MAX_NAME} characters at most",
    {**_TEXT, "maxLength": _MAX_NAME},
)
MAIL_STAGE = Shape(
    "mail", lambda value: isinstance(value, str) and value in MAIL, f"one of {', '.join(MAIL)}", {"enum": list(MAIL)}
)
# What stands beside the name of a question about history, but for `where`, which is a rule.
HISTORY_SHAPES: Final = {
    "did": NAME,
    "mail": MAIL_STAGE,
    "segment": NAME,
    "template": NAME,
    "at_least": COUNT,
    "at_most": COUNT,
    "within": DURATION,
    "since": INSTANT,
}
