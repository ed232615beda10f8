"""From YAML text to plain values, with the line on which each stands."""

import math
import re
from typing import Any

import yaml

from automation.core.json import Json
from automation.management.configuration.faults import Faults, Path


class _Loader(yaml.SafeLoader):
    """Scalars as YAML 1.2 and JSON see them: `no` is Norwegian and not false, 1:30 and 2026-03-01 are texts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for tag, pattern, first in (
    ("null", r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^{pattern}\Z"), first)


def read_yaml(text: str, faults: Faults) -> Json:
    """The values that `text` spells out; None where they cannot be read. Fills in `faults.lines`."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _value(loader, node, (), faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add((), f"This is not YAML: {error.problem}.", line=mark.line + 1 if mark else 1)
    except yaml.YAMLError as error:
        faults.add((), f"This is not YAML: {error}.")
    except RecursionError:
        faults.add((), "This is nested too deeply.")
    return None


def _value(loader: _Loader, node: Any, path: Path, faults: Faults) -> Json:
    faults.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*path, index), faults) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, faults)
    return _scalar(loader, node, path, faults)


def _scalar(loader: _Loader, node: Any, path: Path, faults: Faults) -> Json:
    try:
        value = loader.construct_object(node)
    except ValueError:  # More digits than Python reads.
        value = math.nan
    if isinstance(value, str) and not can_be_stored(value):
        faults.add(path, "There is a character in it that cannot be stored.")
    elif isinstance(value, float) and not math.isfinite(value):
        faults.add(path, "This number is too large.")
    elif not isinstance(value, str | int | float | None):
        faults.add(path, "Expected a text, a number, true, false or null.")
    return value


def _mapping(loader: _Loader, node: yaml.MappingNode, path: Path, faults: Faults) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not can_be_stored(key):
            faults.add(path, "Expected a name.", line=line)
        elif key in values:
            faults.add((*path, key), "This stands here twice.", line=line)
        else:
            faults.lines[*path, key] = line
            values[key] = _value(loader, value_node, (*path, key), faults)
    return values


def can_be_stored(text: str) -> bool:
    """PostgreSQL takes neither NUL nor half of a surrogate pair, and YAML can escape both."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
