"""Reading the fields of an object that others wrote, so that they hear of all its faults at once."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from automation.core.faults import Fault, Refused, pointer_to
from automation.core.json import Json, JsonObject

Reader = Callable[[Json], Any]  # The value as we keep it. Raises BadValue.


class BadValue(ValueError):
    """A reader's complaint: as a Fault, whose pointer is added where the field's name is known."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_fields(
    tree: Mapping[str, Json], readers: Mapping[str, Reader], *, required: Collection[str] = ()
) -> dict[str, Any]:
    """What `readers` make of the fields that `tree` has. Raises Refused with every fault, unknown fields included."""
    values: dict[str, Any] = {}
    faults = [_fault(name, "missing", "This field is required.") for name in required if name not in tree]
    for name, value in tree.items():
        try:
            reader = readers[name]
        except KeyError:
            faults.append(_fault(name, "unknown_field", f"There is no such field. Known: {', '.join(readers)}."))
            continue
        try:
            values[name] = reader(value)
        except BadValue as bad:
            faults.append(_fault(name, bad.code, bad.message))
    if faults:
        raise Refused(*faults)
    return values


def text(value: Json, *, limit: int) -> str:
    if not isinstance(value, str):
        raise BadValue("wrong_type", "Expected a text.")
    if not 1 <= len(value) <= limit:
        raise BadValue("bad_length", f"Expected 1 to {limit} characters.")
    return value


def an_object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise BadValue("wrong_type", "Expected an object.")
    return value


def _fault(name: str, code: str, message: str) -> Fault:
    return Fault(pointer_to([name]), code, message)
