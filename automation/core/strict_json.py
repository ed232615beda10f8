"""Reading JSON that others wrote, so that PostgreSQL, rules and templates can keep whatever passes."""

import json
from typing import Final

import msgspec

from automation.core.faults import Fault, Refused, pointer_to
from automation.core.json import Json, JsonObject

# Deeper than any event that we have seen, and shallow enough for every recursive reader behind us.
MAX_DEPTH = 32
# Most languages agree on numbers up to here. PostgreSQL would give back 1e300 as an integer of 301 digits.
MAX_NUMBER = 2**63 - 1
MAX_KEY = 200  # A key is a name. Longer ones only make pointers and messages unreadable.

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)  # All that decoding raises.


# Where in the tree we are: the place above and a name, or None at the top. Cheap to go down; a pointer only at a fault.
_Place = tuple["_Place", str | int] | None


def parse_object(raw: bytes) -> JsonObject:
    """The object that `raw` (UTF-8) holds. Raises Refused: JSON that is not well-formed has the code `malformed`.

    Refused too, though well-formed: the character U+0000 and halves of surrogate pairs, a key given twice, keys,
    numbers and nesting out of bounds.
    """
    try:
        tree = _decode(raw)
    except UNREADABLE as error:
        raise unreadable(error, raw) from error
    if not isinstance(tree, dict):
        raise Refused(Fault("", "wrong_type", "Expected an object."))
    faults: list[Fault] = []
    _inspect(tree, None, 1, faults)
    if faults:
        raise Refused(*faults)
    # Of two equal keys, decoding keeps one, and so loses a colon, unless one that was written as an escape makes up.
    if raw.count(b":") != _encode(tree).count(b":") or b"\\u003" in raw:
        _refuse_repeated_keys(raw)
    return tree


def unreadable(error: Exception, raw: bytes) -> Refused:
    """What to answer to `raw`, which msgspec could not read. Its messages tell places, not values."""
    if isinstance(error, RecursionError):
        return Refused(_too_deep(""))
    if isinstance(error, UnicodeError):
        return Refused(Fault("", "malformed", "The text is not UTF-8."))
    if isinstance(error, msgspec.ValidationError):
        return Refused(Fault("", "bad_number", "Send numbers this large as texts."))
    hint = " Is there half a surrogate pair among the escapes?" if b"\\ud" in raw.lower() else ""
    return Refused(Fault("", "malformed", f"{error}.{hint}"))


def _inspect(tree: JsonObject | list[Json], place: _Place, depth: int, faults: list[Fault]) -> None:
    if depth > MAX_DEPTH:
        faults.append(_too_deep(_pointer(place)))
        return
    for name, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(name, str) and (len(name) > MAX_KEY or "\x00" in name):
            message = f"A key may have {MAX_KEY} characters at most, and not the character U+0000."
            faults.append(Fault(_pointer(place), "bad_key", message))
        elif isinstance(value, str):
            if "\x00" in value:
                faults.append(Fault(_pointer((place, name)), "bad_character", "The character U+0000 cannot be kept."))
        elif isinstance(value, int | float):
            if not -MAX_NUMBER <= value <= MAX_NUMBER:
                faults.append(Fault(_pointer((place, name)), "bad_number", "Send a number this large as a text."))
        elif isinstance(value, dict | list):
            _inspect(value, (place, name), depth + 1, faults)


def _refuse_repeated_keys(raw: bytes) -> None:
    def check(pairs: list[tuple[str, Json]]) -> JsonObject:
        seen: JsonObject = {}
        for key, value in pairs:
            if key in seen:
                raise Refused(Fault("", "duplicate_key", f"The key “{key}” appears twice in one object."))
            seen[key] = value
        return seen

    json.loads(raw, object_pairs_hook=check)


def _pointer(place: _Place) -> str:
    names: list[str | int] = []
    while place is not None:
        place, name = place
        names.append(name)
    return pointer_to(reversed(names))


def _too_deep(pointer: str) -> Fault:
    return Fault(pointer, "too_deep", f"Values may be nested {MAX_DEPTH} levels deep at most.")
