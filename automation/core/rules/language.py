"""The nodes that a rule is made of: groups of rules, and below them comparisons and questions about history."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from automation.core.json import JsonObject

GROUPS: Final[dict[str, Callable[[Sequence[bool]], bool]]] = {
    "all": all,
    "any": any,
    "none": lambda results: not any(results),
}
MAX_DEPTH: Final = 20

# Questions about history, by the name that only they have, and what else each may have. The first two are counts.
COUNTED: Final = ("did", "mail")
HISTORY: Final = {
    "did": ("at_least", "at_most", "within", "since", "where"),
    "mail": ("template", "at_least", "at_most", "within", "since"),
    "segment": (),
}
# What may have become of a mail, and the column of Message that says when. By people: with machines, which open and
# click as well, everybody would look interested.
MAIL: Final = {"sent": "sent_at", "opened": "human_opened_at", "clicked": "human_clicked_at"}


def group_of(node: JsonObject) -> str | None:
    return next((name for name in GROUPS if name in node), None)


def history_of(node: JsonObject) -> str | None:
    return next((name for name in HISTORY if name in node), None)


def bounds(node: JsonObject) -> tuple[int, int | None]:
    """How often it must have been, at least and at most. Who says neither asks whether it ever was."""
    return node.get("at_least", 0 if "at_most" in node else 1), node.get("at_most")


def leaves(rule: JsonObject) -> Iterator[JsonObject]:
    """The nodes below which there is none, as they are written. `rule` must have passed `check`."""
    group = group_of(rule)
    if group:
        for child in rule[group]:
            yield from leaves(child)
    elif rule:
        yield rule
