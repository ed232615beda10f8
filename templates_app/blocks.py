"""Blocks are copied into the templates that include them, at publishing, so that a version needs nothing else."""

import re
from collections.abc import Iterable, Mapping

from templates_app import placeholders

_INCLUDE = re.compile(r"""\{%[-+]?\s*include\s+(["'])([\w-]+)\1\s*[-+]?%\}\Z""")


class CannotInclude(Exception):
    """A block that does not exist, or that includes itself."""


def included(source: str) -> set[str]:
    """The keys of the blocks that `source` includes directly."""
    return {key for match in placeholders.find(source) if (key := block_key(match[0]))}


def block_key(placeholder: str) -> str:
    """Which block a placeholder includes, or nothing."""
    match = _INCLUDE.match(placeholder)
    return match[2] if match else ""


def reachable(sources: Iterable[str], blocks: Mapping[str, str]) -> dict[str, str]:
    """Of `blocks`, those that `sources` include, and those that these include, and so on."""
    found: dict[str, str] = {}
    new = {key for source in sources for key in included(source)}
    while new:
        found |= {key: blocks[key] for key in new if key in blocks}
        new = {key for name in new if name in blocks for key in included(blocks[name])} - set(found)
        new &= set(blocks)
    return found


def include(source: str, blocks: Mapping[str, str], above: tuple[str, ...] = ()) -> str:
    """`source` with every include replaced by its block. Raises CannotInclude."""
    pieces, end = [], 0
    for match in placeholders.find(source):
        if key := block_key(match[0]):
            if key not in blocks:
                raise CannotInclude(f"There is no block “{key}”.")
            if key in above:
                raise CannotInclude(f"The block “{key}” includes itself: {' > '.join([*above, key])}.")
            pieces += [source[end : match.start()], include(blocks[key], blocks, (*above, key))]
            end = match.end()
    return "".join([*pieces, source[end:]])
