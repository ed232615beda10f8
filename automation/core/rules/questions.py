"""Questions about a contact's history: what a rule wants to know of it, and what is known. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from automation.core.json import JsonObject
from automation.core.rules.language import bounds, history_of, leaves
from automation.core.rules.values import duration

_BOUNDS: Final = ("at_least", "at_most")
_encode: Final = msgspec.json.Encoder(order="deterministic").encode  # Whichever way round the node is written.


@dataclass(frozen=True, slots=True)
class Question:
    """What a node asks, but for how often it must have been: nodes with one `key` share an answer."""

    key: str
    node: JsonObject = field(compare=False)

    @property
    def kind(self) -> str:
        return str(history_of(self.node))


class Answer(NamedTuple):
    """What stands in facts as `history.<key>`."""

    times: int  # Of a segment: 1 if the contact is in it, else 0.
    oldest_at: datetime | None = None  # The first of what was counted.


def key_of(node: JsonObject) -> str:
    return _encode({name: value for name, value in node.items() if name not in _BOUNDS}).decode()


def history(*rules: JsonObject) -> tuple[Question, ...]:
    """What has to be answered before these rules can be evaluated: each once, in a stable order."""
    asked = (node for rule in rules for node in leaves(rule) if history_of(node))
    return tuple({key: Question(key, node) for node in asked for key in [key_of(node)]}.values())


def is_enough(node: JsonObject, answer: Answer) -> bool:
    at_least, at_most = bounds(node)
    return answer.times >= at_least and (at_most is None or answer.times <= at_most)


def fades_at(node: JsonObject, answer: Answer) -> datetime | None:
    """When the first of what was counted is too long ago to count; None: never."""
    return answer.oldest_at + duration(node["within"]) if answer.oldest_at and "within" in node else None
