"""What a rule can be made of, as the condition builder is told: fields, operators, templates, segments."""

from collections.abc import Iterator
from typing import Final

from automation.admin.conditions import seen
from automation.admin.conditions.seen import Seen
from automation.admin.rule_view import GROUPS
from automation.core import rules
from automation.core.json import Json, JsonObject
from automation.core.rules.check import TIMELESS
from automation.core.rules.operators import BOOLEAN, DATE, LIST, NUMBER, TEXT
from automation.core.rules.values import UNITS
from automation.events.models import EventType
from automation.segments.models import Segment
from templates_app.models import Template

_KINDS: Final = {"string": TEXT, "number": NUMBER, "integer": NUMBER, "boolean": BOOLEAN, "array": LIST}
_CONTACT: Final = {
    "email": "email address",
    "language": "language",
    "region": "region",
    "time_zone": "time zone",
    "external_id": "id",
}


def fields(event_type: EventType | None, *, with_values: bool) -> list[JsonObject]:
    """With an event type, also those of its payload. `with_values`: those that were seen are suggested.

    Reads the latest rows, so the caller keeps the answer for a while. A constant number of statements.
    """
    return [*_event_fields(event_type, with_values=with_values), *_contact_fields(with_values=with_values)]


def offer(known: list[JsonObject]) -> JsonObject:
    """These fields, and all else that a rule can be made of. Three statements."""
    return {
        "groups": GROUPS,
        "operators": {
            name: {"words": one.words, "kinds": one.kinds, "takes": one.takes.name, "timeless": name in TIMELESS}
            for name, one in rules.OPERATORS.items()
        },
        "fields": known,
        "events": list(EventType.objects.order_by("name").values_list("name", flat=True)),
        "templates": list(Template.objects.order_by("name").values("key", "name")),
        "segments": list(Segment.objects.order_by("name").values("key", "name")),
        "mail": list(rules.MAIL),
        "units": list(UNITS),
    }


def _contact_fields(*, with_values: bool) -> Iterator[JsonObject]:
    found = seen.of_contacts()
    for name, label in _CONTACT.items():
        path = f"contact.{name}"
        yield _field("Contact", path, label, TEXT, found.get(path, Seen()), with_values=with_values)
    for path, one in sorted(found.items()):
        if path.startswith("contact.attributes."):
            label = path.removeprefix("contact.attributes.")
            yield _field("Contact's attributes", path, label, one.kind, one, with_values=with_values)


def _event_fields(event_type: EventType | None, *, with_values: bool) -> Iterator[JsonObject]:
    if event_type is None:
        return
    found, group = seen.of_events(event_type), f"Event {event_type.name}"
    described = dict(_described(event_type.schema, "event.payload"))
    for path in dict.fromkeys([*described, *sorted(found)]):
        schema, one = described.get(path, {}), found.get(path, Seen())
        label = str(schema.get("title") or path.removeprefix("event.payload."))
        kind = _kind(schema) or one.kind
        yield _field(group, path, label, kind, one, with_values=with_values, choices=schema.get("enum", []))
    yield _field(group, "event.occurred_at", "when it happened", DATE, Seen(), with_values=False)


def _field(
    group: str, path: str, label: str, kind: str, one: Seen, *, with_values: bool, choices: Json = None
) -> JsonObject:
    values = choices or (one.common if with_values else [])
    return {"group": group, "path": path, "label": label, "kind": kind, "values": values}


def _described(schema: Json, path: str) -> Iterator[tuple[str, JsonObject]]:
    """The leaves that a JSON Schema names."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    for name, below in properties.items():
        if isinstance(below, dict) and below.get("properties"):
            yield from _described(below, f"{path}.{name}")
        elif isinstance(below, dict):
            yield f"{path}.{name}", below


def _kind(schema: JsonObject) -> str:
    if str(schema.get("format", "")).startswith("date"):
        return DATE
    kind = schema.get("type")
    return _KINDS.get(kind, "") if isinstance(kind, str) else ""
