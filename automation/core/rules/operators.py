"""What comparisons there are, a row each: to add one, add a row.

`holds` and `sql` are one question asked twice, of a value in hand and of a column. Both get the rule's value as `bind`
has made it ready for them, knowing the time of asking.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Expression, Value

from automation.core.json import Json
from automation.core.rules import shapes
from automation.core.rules.seen import Seen, all_of, denied
from automation.core.rules.shapes import Shape
from automation.core.rules.values import duration, equal, instant, less

# Kinds of fields, as the condition builder tells them apart.
TEXT, NUMBER, BOOLEAN, LIST, DATE = KINDS = ("text", "number", "boolean", "list", "date")

Window = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class Operator:
    words: str  # What stands between the field and the value.
    kinds: tuple[str, ...]  # Of fields that it is meant for; of others it is merely false.
    takes: Shape  # The value that it has in a rule.
    holds: Callable[[Json, Any], bool]
    sql: Callable[[Seen, Any], Expression]
    bind: Callable[[Json, datetime], Any] | None = None  # None: as it is.
    # For a comparison with the time of asking: the field is later by more than the first, by the second at most.
    window: Callable[[Json], Window] | None = None


def _order(words: str, sign: str, holds: Callable[[Json, Json], bool]) -> Operator:
    return Operator(words, (NUMBER, TEXT), shapes.ORDERABLE, holds, lambda seen, value: seen.compares(sign, value))


def _between(seen: Json, ends: list[Json]) -> bool:
    return less(seen, ends[0]) is False and less(ends[1], seen) is False


def _contains(seen: Json, value: Json) -> bool:
    if isinstance(seen, str):
        return isinstance(value, str) and value in seen
    return isinstance(seen, list) and any(equal(item, value) for item in seen)


def _contains_sql(seen: Seen, value: Json) -> Expression:
    return seen.contains(value) if isinstance(value, str) else seen.has_item(value)


def _ends_with_sql(seen: Seen, value: str) -> Expression:
    return seen.is_text('({0}) COLLATE "C" LIKE {1}', Value(f"%{_for_like(value)}"))


def _in_domain(seen: Json, domain: str) -> bool:
    return isinstance(seen, str) and "@" in seen and _lower(seen).endswith(_ends(domain))


def _in_domain_sql(seen: Seen, domain: str) -> Expression:
    """Collation C knows of ASCII letters only, as `_lower` does."""
    # LIKE first, which leaves few: `right` has to count the characters of each text, which costs as much as all else.
    template = "lower(({0}) COLLATE \"C\") LIKE {1} AND left(right({0}, {2}), 1) IN ('@', '.') AND strpos({0}, '@') > 0"
    return seen.is_text(template, Value(f"%{_for_like(_lower(domain))}"), Value(len(domain) + 1))


def _ends(domain: str) -> tuple[str, str]:
    """Of an address at the domain, and of one at a domain below it."""
    return "@" + _lower(domain), "." + _lower(domain)


def _for_like(text: str) -> str:
    """Meant to the letter."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _lower(text: str) -> str:
    """Of ASCII letters only: domains know no other case, and Python and PostgreSQL differ in Unicode's."""
    return text.translate(_ASCII_LOWER)


_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _before(seen: Json, moment: datetime) -> bool:
    then = instant(seen)
    return then is not None and then < moment


def _after(seen: Json, moment: datetime) -> bool:
    then = instant(seen)
    return then is not None and then > moment


def _within(words: str, window: Callable[[Json], Window]) -> Operator:
    def bind(value: Json, at: datetime) -> tuple[datetime, datetime]:
        after, until = window(value)
        return at + after, at + until

    def holds(seen: Json, ends: tuple[datetime, datetime]) -> bool:
        then = instant(seen)
        return then is not None and ends[0] < then <= ends[1]

    def sql(seen: Seen, ends: tuple[datetime, datetime]) -> Expression:
        return seen.is_between(*ends, "(]")

    return Operator(words, (DATE,), shapes.DURATION, holds, sql, bind, window)


_NOW: Final = timedelta(0)

OPERATORS: Final[dict[str, Operator]] = {
    "eq": Operator("is", (TEXT, NUMBER, BOOLEAN), shapes.SCALAR, equal, lambda seen, value: seen.is_equal(value)),
    "ne": Operator(
        "is not",
        (TEXT, NUMBER, BOOLEAN),
        shapes.SCALAR,
        lambda seen, value: not equal(seen, value),
        lambda seen, value: denied(seen.is_equal(value)),
    ),
    "lt": _order("is less than", "<", lambda seen, value: less(seen, value) is True),
    "lte": _order("is at most", "<=", lambda seen, value: less(value, seen) is False),
    "gt": _order("is more than", ">", lambda seen, value: less(value, seen) is True),
    "gte": _order("is at least", ">=", lambda seen, value: less(seen, value) is False),
    "between": Operator(
        "is between",
        (NUMBER, TEXT),
        shapes.RANGE,
        _between,
        lambda seen, ends: all_of([seen.compares(">=", ends[0]), seen.compares("<=", ends[1])]),
    ),
    "in": Operator(
        "is one of",
        (TEXT, NUMBER),
        shapes.SCALARS,
        lambda seen, values: any(equal(seen, value) for value in values),
        lambda seen, values: seen.is_one_of(values),
    ),
    "contains": Operator("contains", (TEXT, LIST), shapes.SCALAR, _contains, _contains_sql),
    "starts_with": Operator(
        "begins with",
        (TEXT,),
        shapes.TEXT,
        lambda seen, value: isinstance(seen, str) and seen.startswith(value),
        lambda seen, value: seen.is_text("starts_with({0}, {1})", Value(value)),
    ),
    "ends_with": Operator(
        "ends with",
        (TEXT,),
        shapes.TEXT,
        lambda seen, value: isinstance(seen, str) and seen.endswith(value),
        _ends_with_sql,
    ),
    "in_domain": Operator("is an address at", (TEXT,), shapes.DOMAIN, _in_domain, _in_domain_sql),
    "before": Operator(
        "is before",
        (DATE,),
        shapes.INSTANT,
        _before,
        lambda seen, moment: seen.is_between(None, moment, "()"),
        bind=lambda value, at: instant(value),
    ),
    "after": Operator(
        "is after",
        (DATE,),
        shapes.INSTANT,
        _after,
        lambda seen, moment: seen.is_between(moment, None, "()"),
        bind=lambda value, at: instant(value),
    ),
    "within_last": _within("is within the last", lambda value: (-duration(value), _NOW)),
    "within_next": _within("is within the next", lambda value: (_NOW, duration(value))),
    "exists": Operator(
        "is known",
        KINDS,
        shapes.FLAG,
        lambda seen, value: (seen is not None) == value,
        lambda seen, value: seen.exists() if value else denied(seen.exists()),
    ),
}
