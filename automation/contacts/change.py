"""Changing what is known of a contact by what a flow says: set, add, remove. Pure."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from automation.contacts.read import read_changes
from automation.core.json import Json, JsonObject

# What is not an attribute. The address is none of a flow's business: it decides whose mail this is.
COLUMNS = ("language", "region", "time_zone")
LARGEST = 2**53  # Beyond, JSON's readers do not agree on numbers any more.

Change = JsonObject  # `set` and `add` by name, `remove` as a list of names; each may be empty.


def changed(contact: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """The columns of `contact` (as its facts have them) with their new values. What is no number counts as 0."""
    attributes: dict[str, Json] = {**contact["attributes"]}
    attributes |= {name: value for name, value in change["set"].items() if name not in COLUMNS}
    attributes |= {name: _sum(attributes.get(name), amount) for name, amount in change["add"].items()}
    attributes = {name: value for name, value in attributes.items() if name not in change["remove"]}
    given = {name: change["set"][name] for name in COLUMNS if name in change["set"]}
    return {**read_changes(given), "attributes": attributes}


def is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _sum(before: Json, amount: float) -> Json:
    total = (before if is_number(before) else 0) + amount
    return max(-LARGEST, min(LARGEST, total))
