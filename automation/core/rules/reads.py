"""What a rule's answer depends on: who asks again only when that has changed need not ask everybody all the time."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from automation.core.json import Facts, JsonObject
from automation.core.paths import look_up
from automation.core.rules.language import leaves
from automation.core.rules.operators import OPERATORS
from automation.core.rules.questions import fades_at, key_of
from automation.core.rules.values import instant


@dataclass(frozen=True, slots=True)
class Reads:
    contact: frozenset[str]  # Fields, as they are written: contact.attributes.plan.
    event: frozenset[str]  # Fields of the event at hand, and of the one that was awaited.
    event_types: frozenset[str]  # Whose events are counted.
    mail: frozenset[str]  # Mails are counted that were so: sent, opened, clicked.
    segments: frozenset[str]
    clock: bool  # Time alone may change the answer.


def reads(rule: JsonObject) -> Reads:
    nodes, paths = list(leaves(rule)), fields(rule)
    return Reads(
        contact=frozenset(path for path in paths if path.startswith("contact.")),
        event=frozenset(path for path in paths if path.startswith(("event.", "awaited."))),
        event_types=_named("did", nodes),
        mail=_named("mail", nodes),
        segments=_named("segment", nodes),
        clock=any("within" in node or ("op" in node and OPERATORS[node["op"]].window) for node in nodes),
    )


def fields(rule: JsonObject) -> set[str]:
    """Every field of the contact and of events at hand that the rule reads."""
    return {node["field"] for node in leaves(rule) if "field" in node}


def next_change(rule: JsonObject, facts: Facts, *, at: datetime) -> datetime | None:
    """When time alone may change what the rule says of these facts, after `at`; None: never. Early, but never late."""
    return min((moment for node in leaves(rule) for moment in _turns(node, facts) if moment > at), default=None)


def _turns(node: JsonObject, facts: Facts) -> Iterator[datetime]:
    with suppress(OverflowError):  # After the year 9999, which is never.
        if "field" in node:
            yield from _passes(node, facts)
        elif "within" in node:
            fades = fades_at(node, facts["history"][key_of(node)])
            if fades:
                yield fades


def _passes(node: JsonObject, facts: Facts) -> Iterator[datetime]:
    """The field's moment passes both ends of a window that moves on with the time of asking."""
    window = OPERATORS[node["op"]].window
    then = instant(look_up(facts, node["field"])) if window else None
    if window and then:
        for end in sorted(window(node["value"]), reverse=True):
            yield then - end


def _named(kind: str, nodes: list[JsonObject]) -> frozenset[str]:
    return frozenset(node[kind] for node in nodes if kind in node)
