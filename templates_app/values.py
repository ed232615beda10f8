"""Picking a template's declared variables out of what is known: all that it will ever see of a contact or an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from templates_app.draft import JSON, Declared

Values = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable without which the mail must not be sent."""

    name: str
    path: str


def collect(*, variables: Sequence[Declared], facts: Mapping[str, JSON]) -> Values | Missing:
    """The values of a version's `variables`, found in `facts` by their dotted paths ({"contact": {…}, "event": {…}}).

    Nothing undeclared gets through. Absent, null and blank text are all missing. A missing variable takes its default
    where its policy is `default`; else the answer is the first that is Missing, and the caller withholds the mail.
    (`refuse` differs from `skip` only when a flow is published; an event may have been accepted under an older
    schema.) Pure.
    """
    values: Values = {}
    for variable in variables:
        value = _look_up(facts, variable["path"])
        if value is None or (isinstance(value, str) and not value.strip()):
            if variable["missing"] != "default":
                return Missing(variable["name"], variable["path"])
            value = variable["default"]
        values[variable["name"]] = value
    return values


def _look_up(facts: Mapping[str, JSON], path: str) -> JSON:
    found: JSON = facts
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
