"""Writing many rows of a model in one statement of constant text, so that PostgreSQL can keep its plan.

The rows travel as one JSON document: encoding it costs a fifth of what quoting the same values into arrays does, and
`bulk_create`, whose statement grows with the batch, is slower still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models

# Attribute names of fields (`contact_id`) to values. JSON fields take Python objects, but none of them a bare null.
Row = Mapping[str, Any]


def insert(
    model: type[models.Model], rows: Sequence[Row], *, conflict: str = "", returning: str = ""
) -> list[tuple[Any, ...]]:
    """Insert `rows`, all of which name the same fields.

    `conflict` names the columns whose conflict skips a row. Returns what `returning` asks for, of inserted rows only.
    No rows, no statement.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(model, tuple(rows[0]), conflict, returning), [_document(rows)])
        return cursor.fetchall() if returning else []


def update(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Set, in the rows whose primary key is the first field named, the others. No rows, no statement."""
    if not rows:
        return
    with connection.cursor() as cursor:
        key = next(iter(rows[0]))
        cursor.execute(_update_statement(model, tuple(rows[0])), [_document(rows), [row[key] for row in rows]])


@cache
def _insert_statement(model: type[models.Model], names: tuple[str, ...], conflict: str, returning: str) -> str:
    columns = ", ".join(_columns(model, names))
    values = ", ".join(_values(model, names))
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM {_recordset(model, names)}"  # noqa: S608
    if conflict:
        statement += f" ON CONFLICT ({conflict}) DO NOTHING"
    if returning:
        statement += f" RETURNING {returning}"
    return statement


@cache
def _update_statement(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns, values = _columns(model, names), _values(model, names)
    assignments = ", ".join(f"{column} = {value}" for column, value in list(zip(columns, values, strict=True))[1:])
    # The keys once more, since PostgreSQL takes every document for a hundred rows, and for so many it would rather read
    # all of a table that is not large.
    return (
        f"UPDATE {model._meta.db_table} AS old SET {assignments} FROM {_recordset(model, names)} "  # noqa: S608
        f"WHERE old.{columns[0]} = {values[0]} AND old.{columns[0]} = ANY(%s::{_kind(model, names[0])}[])"
    )


def _recordset(model: type[models.Model], names: Sequence[str]) -> str:
    """The JSON document as a table `new`, its columns typed as the model's."""
    kinds = [_kind(model, name) for name in names]
    typed = [f"{name} {'text' if kind == 'bytea' else kind}" for name, kind in zip(names, kinds, strict=True)]
    return f"json_to_recordset(%s::json) AS new ({', '.join(typed)})"


def _values(model: type[models.Model], names: Sequence[str]) -> list[str]:
    """How each column is read from `new`: bytes are in base64 there."""
    return [f"decode(new.{name}, 'base64')" if _kind(model, name) == "bytea" else f"new.{name}" for name in names]


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


def _kind(model: type[models.Model], name: str) -> str:
    field = _field(model, name)
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    return str(kind)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _document(rows: Sequence[Row]) -> str:
    return msgspec.json.encode(rows).decode()
