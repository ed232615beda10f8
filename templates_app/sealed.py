"""JSON values as the template engine may see them.

The engine would call any public method of a Python dict or list (`{{ cart.clear() }}`), and take it for a value where
a key is absent (`{{ cart.items }}`). Sealed values have keys and items, and nothing else. They are made as they are
reached, so what a template does not use costs nothing.
"""

from collections.abc import Iterator, Sequence

import msgspec

from templates_app.draft import JSON


class SealedObject:
    """A JSON object. A key that holds null counts as absent, so that no mail ever says None."""

    __slots__ = ("_tree",)

    def __init__(self, tree: dict[str, JSON]) -> None:
        self._tree = tree

    def __getitem__(self, key: str) -> JSON:
        value = self._tree[key]
        if value is None:
            raise KeyError(key)
        return seal(value)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._tree))  # PostgreSQL does not keep the order of keys.

    def __len__(self) -> int:
        return len(self._tree)

    def __str__(self) -> str:
        return _show(self._tree)


@Sequence.register
class SealedList:
    """A JSON list. Registered as a sequence, not made one: the mix-in would bring public methods."""

    __slots__ = ("_items",)

    def __init__(self, items: list[JSON]) -> None:
        self._items = items

    def __getitem__(self, index: int) -> JSON:
        return seal(self._items[index])

    def __len__(self) -> int:
        return len(self._items)

    def __str__(self) -> str:
        return _show(self._items)


def _show(value: JSON) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


_PLAIN = frozenset({str, int, float, bool, type(None)})


def seal(value: JSON) -> JSON:
    """`value` for the engine. Raises TypeError for what is no JSON: a model, a date, a “safe” string."""
    kind = type(value)  # Exactly these types: a subclass could carry methods, or skip escaping.
    if kind in _PLAIN:
        return value
    if kind is dict:
        return SealedObject(value)
    if kind is list:
        return SealedList(value)
    raise TypeError(f"A {kind.__name__} is not a JSON value.")
