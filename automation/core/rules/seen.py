"""What a field holds, as SQL: the twin of values.py.

No expression here raises, whatever the row holds, and all are NULL where their kind of value is not: a comparison with
NULL is not true, which is what the language says of values of different kinds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
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

    def as_sql(  # type: ignore[override]  # No template of a function's is wanted here.
        self, compiler: SQLCompiler, connection: Any, **_: Any
    ) -> tuple[str, list[Any]]:
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        params = [param for place in _PLACE.findall(self.constant) for param in parts[int(place)][1]]
        return self.constant.format(*(sql for sql, _ in parts)), params


class Seen:
    """A field of a rule: `json`, of type jsonb, and `said`, its text whatever its type.

    Whether the two are of the kind that is wanted is asked last, of the few rows for which all else holds.
    """

    def __init__(self, json: Expression | F, said: Expression | F) -> None:
        self.json = json
        self.said = said

    def is_equal(self, value: Json) -> Expression:
        return self.is_one_of([value])

    def is_one_of(self, values: Sequence[Json]) -> Expression:
        if all(isinstance(value, str) and not _may_be_json(value) for value in values):
            return _in(self.said, [Value(value) for value in values])
        return _in(self.json, [Sql("{0}::jsonb", jsonb(value)) for value in values])

    def exists(self) -> Expression:
        return Sql("{0} IS NOT NULL", self.said)

    def compares(self, sign: str, value: Json) -> Expression:
        """`sign` is one of SQL's. Numbers compare as jsonb, since a cast could fail."""
        if isinstance(value, str):
            return self.is_text(f'({{0}}) COLLATE "C" {sign} {{1}}', Value(value))
        return Sql(f"{{0}} {sign} {{1}}::jsonb AND jsonb_typeof({{0}}) = 'number'", self.json, jsonb(value))

    def is_text(self, template: str, *values: Expression) -> Expression:
        """Is it a text of which this is true? `{0}` in the template is the text."""
        return Sql(f"{template} AND jsonb_typeof({{{len(values) + 1}}}) = 'string'", self.said, *values, self.json)

    def contains(self, text: str) -> Expression:
        template = (
            "CASE jsonb_typeof({0}) WHEN 'string' THEN strpos({1}, {2}) > 0 WHEN 'array' THEN {0} @> {3}::jsonb END"
        )
        found = Sql(template, self.json, self.said, Value(text), jsonb([text]))
        # What is not in the text of a list is none of its items, unless JSON writes it in another way.
        return found if _is_escaped(text) else all_of([Sql("strpos({0}, {1}) > 0", self.said, Value(text)), found])

    def has_item(self, value: Json) -> Expression:
        return Sql("jsonb_typeof({0}) = 'array' AND {0} @> {1}::jsonb", self.json, jsonb([value]))

    def is_between(self, after: datetime | None, until: datetime | None, ends: str) -> Expression:
        """Is it a moment in this range? Texts are compared first: reading them for moments takes ten times as long."""
        near = []
        if after:
            near.append(Sql('({0}) COLLATE "C" >= {1}', self.said, Value(_day(after, -2))))
        if until:
            near.append(Sql('({0}) COLLATE "C" < {1}', self.said, Value(_day(until, 3))))
        moments = [Value(end, output_field=DateTimeField()) for end in (after, until)]
        return all_of([*near, Sql(f"tstzrange({{0}}, {{1}}, '{ends}') @> {{2}}", *moments, self.moment)])

    @property
    def moment(self) -> Expression | F:
        """No JSON but a text looks like a date. NULL: it is none."""
        template = (
            "CASE WHEN {0} ~ {1} THEN ({0})::timestamptz WHEN {0} ~ {2} THEN ({0})::timestamp AT TIME ZONE 'UTC' END"
        )
        return Sql(template, self.said, Value(WITH_ZONE), Value(WITHOUT_ZONE), output_field=DateTimeField())


class SeenText(Seen):
    """A column of text, which is all that it can hold: compared as it is, so that statistics and indexes count."""

    def __init__(self, text: Expression | F, *, moment: Expression | F | None = None) -> None:
        """`moment`: the instant that the text is, where that is known without reading it."""
        super().__init__(NOTHING.json, text)
        self.known_moment = moment

    def is_one_of(self, values: Sequence[Json]) -> Expression:
        texts = [Value(value) for value in values if isinstance(value, str)]
        return _in(self.said, texts) if texts else NEVER

    def is_text(self, template: str, *values: Expression) -> Expression:
        return Sql(template, self.said, *values)

    def contains(self, text: str) -> Expression:
        return Sql("strpos({0}, {1}) > 0", self.said, Value(text))

    @property
    def moment(self) -> Expression | F:
        return super().moment if self.known_moment is None else self.known_moment


ALWAYS: Final = Sql("TRUE")
NEVER: Final = Sql("FALSE")
NOTHING: Final = Seen(Sql("NULL::jsonb", output_field=JSONField()), Sql("NULL::text", output_field=TextField()))


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
        json: Expression | F = F(column)
        said = Sql("({0} #>> '{{}}')", json, output_field=TextField())
        for name in below:
            said = Sql("({0} ->> {1}::text)", json, Value(name), output_field=TextField())
            json = Sql("({0} -> {1}::text)", json, Value(name), output_field=JSONField())
        return Seen(json, said)


def jsonb(value: Json) -> Value:
    return Value(value, output_field=JSONField())


def _may_be_json(text: str) -> bool:
    """Could a value that is no text be said like this?"""
    return text in ("true", "false") or text[:1] in set("-0123456789[{")


def _is_escaped(text: str) -> bool:
    return any(one in '"\\' or one < " " for one in text)


def _day(moment: datetime, days: int) -> str:
    """The date so many days later, as moments begin with it. Two are enough for any two offsets to UTC."""
    try:
        return (moment.replace(tzinfo=None) + timedelta(days)).date().isoformat()
    except OverflowError:
        return ":"  # After all digits, as it is after the year 9999.


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
