"""JSON values as the template engine may see them.

The engine would call any public method of a Python dict or list (`{{ cart.clear() }}`), and take it for a value where
a key is absent (`{{ cart.items }}`). Sealed values have keys and items, and nothing else.
"""

from templates_app.draft import JSON


def _public(kind: type) -> tuple[str, ...]:
    return tuple(name for name in dir(kind) if not name.startswith("_"))


# A slot that is never filled hides the method of its name: whoever asks for it gets an AttributeError. Wrappers, or a
# `__getattribute__`, would do the same, but in Python, and double the time that a mail takes.
class SealedObject(dict[str, JSON]):
    __slots__ = _public(dict)


class SealedList(list[JSON]):
    __slots__ = _public(list)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def seal(value: JSON) -> JSON:
    """A copy of `value` for the engine. A key that holds null is left out, so that no mail ever says None.

    Raises TypeError for what is no JSON: a model, a date, a “safe” string.
    """
    kind = type(value)  # Exactly these types: a subclass could carry methods, or skip escaping.
    if kind in _PLAIN:
        return value
    if kind is dict:
        return SealedObject({key: seal(item) for key, item in value.items() if item is not None})
    if kind is list:
        return SealedList([seal(item) for item in value])
    raise TypeError(f"A {kind.__name__} is not a JSON value.")
