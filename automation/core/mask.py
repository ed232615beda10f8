"""Takes personal data out of what is shown to those who may not see it. Pure."""

from collections.abc import Sequence
from typing import Final

from automation.core.json import Json, JsonObject

MASK: Final = "•••"

# Of a decision or a step's result, what says nothing of the person. A list of what may be shown, not of what may not:
# whatever a later kind of step tells stays hidden until somebody has thought about it.
IMPERSONAL: Final = frozenset(
    {"kind", "next", "until", "version", "passed_over", "happened", "holds", "way", "place", "percent"}
    | {"age_s", "limit_s", "again_at", "path", "on", "url", "step", "due_at", "event_type", "not_by"}
)
GROUPS: Final = ("all", "any", "none")


def at_paths(tree: Json, paths: Sequence[str]) -> Json:
    """`tree` with MASK for the value at each path. A list's elements are all walked into."""
    for path in paths:
        tree = _hide(tree, path.split("."))
    return tree


def _hide(tree: Json, names: Sequence[str]) -> Json:
    if not names:
        return MASK
    if isinstance(tree, list):
        return [_hide(child, names) for child in tree]
    if not isinstance(tree, dict) or names[0] not in tree:
        return tree
    return {**tree, names[0]: _hide(tree[names[0]], names[1:])}


def seen(told: JsonObject, paths: Sequence[str] | None) -> JsonObject:
    """What a decision or a step has seen, without what is personal.

    `paths` are those of the event's payload; None: it is not known which event was read, so nothing of one is shown.
    """
    if "result" in told:
        return _trace(told, paths)
    shown: JsonObject = {name: value for name, value in told.items() if name in IMPERSONAL}
    return shown | ({"trace": _trace(told["trace"], paths)} if "trace" in told else {})


def _trace(node: JsonObject, paths: Sequence[str] | None) -> JsonObject:
    for group in GROUPS:
        if group in node:
            return {**node, group: [_trace(child, paths) for child in node[group]]}
    return {**node, "seen": MASK} if "field" in node and _is_personal(node["field"], paths) else node


def _is_personal(field: str, paths: Sequence[str] | None) -> bool:
    payload = "event.payload."
    if not field.startswith(payload):
        return field not in {"event.id", "event.occurred_at"}
    path = f"{field.removeprefix(payload)}."
    return paths is None or any(path.startswith(f"{one}.") or f"{one}.".startswith(path) for one in paths)
