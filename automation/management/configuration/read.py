"""From plain values to the file's shape. Goes on after a fault, so that all of them are found."""

import re
from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from difflib import get_close_matches
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from automation.core.json import Json, JsonObject
from automation.management.configuration.durations import parse_duration
from automation.management.configuration.faults import Faults, Path
from automation.management.configuration.shape import Configuration


def read_configuration(value: Json, faults: Faults) -> Configuration:
    """Of no use if there are faults."""
    configuration: Configuration = _read(Configuration, value, (), faults)
    return configuration


def _read(kind: Any, value: Json, path: Path, faults: Faults) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _read_one_of(arguments, value, path, faults)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _read_struct(kind, value, path, faults)
    if origin is dict and isinstance(value, dict):
        return {name: _read(arguments[1], item, (*path, name), faults) for name, item in value.items()}
    if origin is list and isinstance(value, list):
        return [_read(arguments[0], item, (*path, index), faults) for index, item in enumerate(value)]
    return _read_plain(kind, value, path, faults)


def _read_struct(kind: type[msgspec.Struct], value: Json, path: Path, faults: Faults) -> msgspec.Struct | None:
    known = {field.encode_name: field for field in fields(kind)}
    if not isinstance(value, dict):
        faults.add(path, f"Expected {_list(known)}.")
        return None
    for name in value.keys() - known.keys():
        faults.add((*path, name), _unknown(name, known))
    missing = [name for name, field in known.items() if field.required and name not in value]
    if missing:
        faults.add(path, f"This lacks {_list(missing)}.")
    read = {
        field.name: _read(field.type, value[name], (*path, name), faults)
        for name, field in known.items()
        if name in value
    }
    return None if missing else kind(**read)


def _read_one_of(kinds: Iterable[Any], value: Json, path: Path, faults: Faults) -> Any:
    """Of `X | None`, or of structs that are told apart by their first field. A bare word is such a field's name, or
    what it is where a text will do."""
    kinds = list(kinds)
    if NoneType in kinds:
        return None if value is None else _read(kinds[0], value, path, faults)
    if isinstance(value, str) and str in kinds:
        return value
    if isinstance(value, str):
        value = {value: None}
    by_name = {fields(kind)[0].encode_name: kind for kind in kinds if kind is not str}
    named = [name for name in by_name if isinstance(value, dict) and name in value]
    if len(named) != 1:
        faults.add(path, f"Expected one of {_list(by_name)}.")
        return None
    return _read_struct(by_name[named[0]], value, path, faults)


def _read_plain(kind: Any, value: Json, path: Path, faults: Faults) -> Any:
    try:
        if kind is timedelta:
            return parse_duration(value)
        if kind in _CLOCKS:
            return _CLOCKS[kind](value)
        if isinstance(kind, type) and issubclass(kind, Enum) and value not in list(kind):
            faults.add(path, f"Expected one of {_list(str(choice.value) for choice in kind)}.")
            return None
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        faults.add(path, f"{error}.".replace("`", ""))
    except ValueError as error:
        faults.add(path, str(error))
    return None


def _time(value: Json) -> time:
    if not isinstance(value, str) or not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError("Expected a time of day, such as 09:30.")
    return time.fromisoformat(value)


def _date(value: Json) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("Expected a date, such as 2030-12-31.") from None


_CLOCKS: dict[object, Callable[[Json], time | date]] = {time: _time, date: _date}


def _unknown(name: str, known: JsonObject | dict[str, FieldInfo]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Unknown. Did you mean {close[0]}?" if close else f"Unknown. Expected {_list(known)}."


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
