"""What a field holds, as SQL: the twin of values.py.

No expression here raises, whatever the row holds, and all are NULL where their kind of value is not: a comparison with
NULL is not true, which is what the language says of values of different kinds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db.models import BooleanField, DateTimeField, Expression, F, Field, Func, JSONField, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

from automation.core.json import Json
from automation.core.rules.values import WITH_ZONE, WITHOUT_ZONE

_PLACE: Final = re.compile(r"\{(\d+)\}")


class Sql(Func):
    """Constant SQL with `{0}`, `{1}` … where expressions go, each as often as it is wanted. A condition by default."""

    def __init__(self, template: str, *expressions: Any, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(*expressions, output_field=output_field or BooleanField())
        self.constant = template

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        params = [param for place in _PLACE.findall(self.constant) for param in parts[int(place)][1]]
        return self.constant.format(*(sql for sql, _ in parts)), params


class Seen:
    """A field of a rule: `json`, of type jsonb, and its views by kind."""

    def __init__(self, json: Expression | F) -> None:
        self.json = json

    @property
    def text(self) -> Expression | F:
        template = "CASE WHEN jsonb_typeof({0}) = 'string' THEN {0} #>> '{{}}' END"
        return Sql(template, self.json, output_field=TextField())

    @property
    def number(self) -> Expression:
        """As jsonb, whose numbers compare as numbers; a cast could fail."""
        return Sql("CASE WHEN jsonb_typeof({0}) = 'number' THEN {0} END", self.json, output_field=JSONField())

    @property
    def instant(self) -> Expression | F:
        template = (
            "CASE WHEN {0} ~ {1} THEN ({0})::timestamptz WHEN {0} ~ {2} THEN ({0})::timestamp AT TIME ZONE 'UTC' END"
        )
        return Sql(template, self.text, Value(WITH_ZONE), Value(WITHOUT_ZONE), output_field=DateTimeField())

    def is_equal(self, value: Json) -> Expression:
        return Sql("{0} = {1}::jsonb", self.json, jsonb(value))

    def is_one_of(self, values: list[Json]) -> Expression:
        return _in(self.json, [Sql("{0}::jsonb", jsonb(value)) for value in values])

    def exists(self) -> Expression:
        return Sql("{0} <> 'null'::jsonb", self.json)

    def compares(self, sign: str, value: Json) -> Expression:
        """`sign` is one of SQL's."""
        if isinstance(value, str):
            return Sql(f'({{0}}) COLLATE "C" {sign} {{1}}', self.text, Value(value))
        return Sql(f"{{0}} {sign} {{1}}::jsonb", self.number, jsonb(value))

    def has_item(self, value: Json) -> Expression:
        return Sql("{0} @> {1}::jsonb AND jsonb_typeof({0}) = 'array'", self.json, jsonb([value]))


class SeenText(Seen):
    """A column of text, which is all that it can hold: compared as it is, so that statistics and indexes count."""

    def __init__(self, text: Expression | F, *, moment: Expression | F | None = None) -> None:
        """`moment`: the instant that the text is, where that is known without reading it."""
        super().__init__(Sql("to_jsonb(({0})::text)", text, output_field=JSONField()))
        self.column = text
        self.moment = moment

    @property
    def text(self) -> Expression | F:
        return self.column

    @property
    def instant(self) -> Expression | F:
        return super().instant if self.moment is None else self.moment

    def is_equal(self, value: Json) -> Expression:
        return self.is_one_of([value])

    def is_one_of(self, values: list[Json]) -> Expression:
        texts = [Value(value) for value in values if isinstance(value, str)]
        return _in(self.column, texts) if texts else NEVER

    def exists(self) -> Expression:
        return ALWAYS

    def has_item(self, value: Json) -> Expression:
        return NEVER


ALWAYS: Final = Sql("TRUE")
NEVER: Final = Sql("FALSE")
NOTHING: Final = Seen(Sql("NULL::jsonb", output_field=JSONField()))


class Columns:
    """The columns of a row, as rules name them."""

    def __init__(self, texts: Mapping[str, SeenText], *, json: Collection[str]) -> None:
        self.texts = texts
        self.json = json

    def seen(self, names: Sequence[str]) -> Seen:
        """Down through objects. A list has no names, so not by `#>`, which would take them for positions."""
        column, *below = names
        if column not in self.json:
            return NOTHING if below else self.texts.get(column, NOTHING)
        seen: Expression | F = F(column)
        for name in below:
            seen = Sql("{0} -> {1}::text", seen, Value(name), output_field=JSONField())
        return Seen(seen)


def jsonb(value: Json) -> Value:
    return Value(value, output_field=JSONField())


def all_of(conditions: list[Expression]) -> Expression:
    return _joined(" AND ", conditions) if conditions else ALWAYS


def any_of(conditions: list[Expression]) -> Expression:
    return _joined(" OR ", conditions) if conditions else NEVER


def denied(condition: Expression) -> Expression:
    """True where `condition` is false and where it is NULL."""
    return Sql("({0}) IS NOT TRUE", condition)


def _in(seen: Expression | F, values: Sequence[Expression]) -> Expression:
    places = ", ".join(f"{{{place}}}" for place in range(1, len(values) + 1))
    return Sql(f"{{0}} IN ({places})", seen, *values)


def _joined(word: str, conditions: list[Expression]) -> Expression:
    if len(conditions) == 1:
        return conditions[0]
    return Func(*conditions, template="(%(expressions)s)", arg_joiner=word, output_field=BooleanField())
