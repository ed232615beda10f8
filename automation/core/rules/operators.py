"""What comparisons there are, a row each: to add one, add a row.

`holds` and `sql` are one question asked twice, of a value in hand and of a column. Both get the rule's value as `bind`
has made it ready for them, knowing the time of asking.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Expression, Value

from automation.core.json import Json
from automation.core.rules import shapes
from automation.core.rules.seen import Seen, Sql, all_of, any_of, denied
from automation.core.rules.shapes import Shape
from automation.core.rules.values import duration, equal, instant, less

# Kinds of fields, as the condition builder tells them apart.
TEXT, NUMBER, BOOLEAN, LIST, DATE = KINDS = ("text", "number", "boolean", "list", "date")

Window = tuple[timedelta, timedelta]


def _as_it_is(value: Json, at: datetime) -> Json:
    return value


@dataclass(frozen=True, slots=True)
class Operator:
    words: str  # What stands between the field and the value.
    kinds: tuple[str, ...]  # Of fields that it is meant for; of others it is merely false.
    takes: Shape  # The value that it has in a rule.
    holds: Callable[[Json, Any], bool]
    sql: Callable[[Seen, Any], Expression]
    bind: Callable[[Json, datetime], Any] = _as_it_is
    # For a comparison with the time of asking: the field is later by more than the first, by the second at most.
    window: Callable[[Json], Window] | None = None


def _order(words: str, sign: str, holds: Callable[[bool, bool], bool]) -> Operator:
    """`holds` is told whether the field is less, and whether it is more."""

    def compare(seen: Json, value: Json) -> bool:
        is_less = less(seen, value)
        return is_less is not None and holds(is_less, bool(less(value, seen)))

    return Operator(words, (NUMBER, TEXT), shapes.ORDERABLE, compare, lambda seen, value: seen.compares(sign, value))


def _between(seen: Json, ends: list[Json]) -> bool:
    return less(seen, ends[0]) is False and less(ends[1], seen) is False


def _contains(seen: Json, value: Json) -> bool:
    if isinstance(seen, str):
        return isinstance(value, str) and value in seen
    return isinstance(seen, list) and any(equal(item, value) for item in seen)


def _contains_sql(seen: Seen, value: Json) -> Expression:
    in_text = [Sql("strpos({0}, {1}) > 0", seen.text, Value(value))] if isinstance(value, str) else []
    return any_of([*in_text, seen.has_item(value)])


def _ends_with_sql(seen: Seen, value: str) -> Expression:
    return Sql("right({0}, {1}) = {2}", seen.text, Value(len(value)), Value(value))


def _in_domain(seen: Json, domain: str) -> bool:
    if not isinstance(seen, str) or "@" not in seen:
        return False
    return ("." + _lower(seen.rpartition("@")[2])).endswith("." + _lower(domain))


def _in_domain_sql(seen: Seen, domain: str) -> Expression:
    """Collation C knows of ASCII letters only, as `_lower` does."""
    tail = "." + _lower(domain)
    template = "strpos({0}, '@') > 0 AND right(lower('.' || split_part({0}, '@', -1) COLLATE \"C\"), {1}) = {2}"
    return Sql(template, seen.text, Value(len(tail)), Value(tail))


def _lower(text: str) -> str:
    """Of ASCII letters only: domains know no other case, and Python and PostgreSQL differ in Unicode's."""
    return text.translate(_ASCII_LOWER)


_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _time(words: str, compare: Callable[[datetime, datetime], bool], sign: str) -> Operator:
    def holds(seen: Json, moment: datetime) -> bool:
        then = instant(seen)
        return then is not None and compare(then, moment)

    return Operator(
        words,
        (DATE,),
        shapes.INSTANT,
        holds,
        lambda seen, moment: Sql(f"{{0}} {sign} {{1}}", seen.instant, Value(moment)),
        bind=lambda value, at: instant(value),
    )


def _within(words: str, window: Callable[[Json], Window]) -> Operator:
    def bind(value: Json, at: datetime) -> tuple[datetime, datetime]:
        after, until = window(value)
        return at + after, at + until

    def holds(seen: Json, ends: tuple[datetime, datetime]) -> bool:
        then = instant(seen)
        return then is not None and ends[0] < then <= ends[1]

    def sql(seen: Seen, ends: tuple[datetime, datetime]) -> Expression:
        return Sql("{0} > {1} AND {0} <= {2}", seen.instant, Value(ends[0]), Value(ends[1]))

    return Operator(words, (DATE,), shapes.DURATION, holds, sql, bind, window)


_NOW: Final = timedelta(0)

OPERATORS: Final[dict[str, Operator]] = {
    "eq": Operator("is", (TEXT, NUMBER, BOOLEAN), shapes.SCALAR, equal, Seen.is_equal),
    "ne": Operator(
        "is not",
        (TEXT, NUMBER, BOOLEAN),
        shapes.SCALAR,
        lambda seen, value: not equal(seen, value),
        lambda seen, value: denied(seen.is_equal(value)),
    ),
    "lt": _order("is less than", "<", lambda is_less, is_more: is_less),
    "lte": _order("is at most", "<=", lambda is_less, is_more: not is_more),
    "gt": _order("is more than", ">", lambda is_less, is_more: is_more),
    "gte": _order("is at least", ">=", lambda is_less, is_more: not is_less),
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
        Seen.is_one_of,
    ),
    "contains": Operator("contains", (TEXT, LIST), shapes.SCALAR, _contains, _contains_sql),
    "starts_with": Operator(
        "begins with",
        (TEXT,),
        shapes.TEXT,
        lambda seen, value: isinstance(seen, str) and seen.startswith(value),
        lambda seen, value: Sql("starts_with({0}, {1})", seen.text, Value(value)),
    ),
    "ends_with": Operator(
        "ends with",
        (TEXT,),
        shapes.TEXT,
        lambda seen, value: isinstance(seen, str) and seen.endswith(value),
        _ends_with_sql,
    ),
    "in_domain": Operator("is an address at", (TEXT,), shapes.DOMAIN, _in_domain, _in_domain_sql),
    "before": _time("is before", operator.lt, "<"),
    "after": _time("is after", operator.gt, ">"),
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
