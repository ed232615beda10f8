"""Dotted paths into facts: `event.payload.total`, `contact.attributes.plan`."""

from typing import Any, Final

MISSING: Final = object()


def look_up(tree: Any, path: str) -> Any:
    """The value at `path`, or MISSING. Only objects are walked through: a list has no names."""
    for name in path.split("."):
        if not isinstance(tree, dict) or name not in tree:  # All facts are JSON; to ask for a Mapping takes longer.
            return MISSING
        tree = tree[name]
    return tree
