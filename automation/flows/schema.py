"""Which paths a rule or a template may name, judged by the event type's JSON Schema."""

from collections.abc import Sequence
from typing import NamedTuple

from automation.core import rules
from automation.core.json import Json, JsonObject
from automation.events.models import EventType
from automation.segments.models import Segment
from templates_app.models import Template

CONTACT_FIELDS = {"external_id", "email", "time_zone", "language", "region"}
EVENT_FIELDS = {"id", "occurred_at"}
# Keywords of JSON Schema by which an object may have properties that `properties` does not name.
_OPEN = {"$ref", "$dynamicRef", "patternProperties", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"}


class AtHand(NamedTuple):
    """The events that can be read at some place of a flow."""

    event: EventType | None  # What the walk began with. None: a schedule enters the contacts.
    awaited: Sequence[EventType] = ()  # What ended the latest wait for an event: one of these. Empty: perhaps nothing.


def knows_path(event_type: EventType | None, path: str) -> bool:
    """Can `path` have a value when an event of this type is at hand? What a schema leaves open counts as yes.

    None: no event is at hand, since a schedule enters the contacts.
    """
    root, _, rest = path.partition(".")
    name, _, below = rest.partition(".")
    if root == "contact":
        return rest in CONTACT_FIELDS or (name == "attributes" and below != "")
    if event_type is None or root != "event" or (name == "payload" and not below):
        return False
    return (
        rest in EVENT_FIELDS or name == "metadata" or (name == "payload" and _allows(_object(event_type.schema), below))
    )


def called(event_type: EventType | None) -> str:
    return f"“{event_type}”" if event_type else "a schedule"


def lack(at_hand: AtHand, path: str) -> str:
    """In words to follow the path: why it can have no value there. Empty: it can have one."""
    root, _, rest = path.partition(".")
    if root != "awaited":
        return "" if knows_path(at_hand.event, path) else f"which {called(at_hand.event)} does not have"
    if not at_hand.awaited:
        return "but it may be that no event was waited for, or that none came in time"
    without = [one for one in at_hand.awaited if not knows_path(one, f"event.{rest}")]
    return f"which {called(without[0])} does not have" if without else ""


def unknown_fields(rule: JsonObject, at_hand: AtHand) -> list[str]:
    """In words, what the rule asks for and the events at hand do not have."""
    return [
        f"The rule asks for {path}, {missing}."
        for path in sorted(rules.fields(rule))
        if (missing := lack(at_hand, path))
    ] + [fault for node in rules.leaves(rule) for fault in _unknown_past(node)]


def _unknown_past(node: JsonObject) -> list[str]:
    """In words, what a question about history can never find, since it is misspelt or not there yet."""
    if "template" in node and not Template.objects.filter(key=node["template"]).exists():
        return [f"The rule asks for the mail “{node['template']}”, which is no template."]
    if "segment" in node and not Segment.objects.filter(key=node["segment"]).exists():
        return [f"The rule asks for the segment “{node['segment']}”, which does not exist."]
    if "did" not in node:
        return []
    event_type = EventType.objects.filter(name=node["did"]).first()
    if event_type is None:
        return [f"The rule asks how often “{node['did']}” happened, which is no event type."]
    return unknown_fields(node.get("where", {}), AtHand(event_type))


def _allows(schema: JsonObject, path: str) -> bool:
    """Unknown only where the schema names its properties and nothing else that could bring in more."""
    name, _, below = path.partition(".")
    properties = schema.get("properties")
    if not properties or _OPEN & schema.keys() or schema.get("additionalProperties"):
        return True
    return name in properties and (not below or _allows(_object(properties[name]), below))


def _object(schema: Json) -> JsonObject:
    """`true` and `false` are schemas, too, and leave everything open to us."""
    return schema if isinstance(schema, dict) else {}
