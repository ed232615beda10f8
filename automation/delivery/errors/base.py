"""The form of the table: a row says what is looked for in an answer, and what that means."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from automation.core.json import Json
from automation.delivery.errors.words import word
from automation.delivery.outcomes import Outcome


class Said(NamedTuple):
    """One fault that an answer names: the provider's own code for it, and its words. Either may be empty."""

    code: str
    text: str


class Shape(NamedTuple):
    """Where in an answer's JSON its faults stand."""

    at: str = ""  # Keys from the top, `[]` for each item of a list, `{}` of an object. Empty: the top itself.
    code: str = ""  # The key of the fault's code.
    text: str = ""  # The keys of its words, blanks between. A fault that is no object is its own words.


class Row(NamedTuple):
    """One line of the table. It fits if all that it names fits; of the rows that fit, the first counts."""

    outcome: Outcome
    status: int | range | None = None  # Of HTTP.
    code: str = ""  # A regular expression for the whole code.
    text: str = ""  # One that is found somewhere in the words. Neither minds upper and lower case.
    names_pause: bool = False  # Only if the answer has a Retry-After.
    address_refused: bool = False
    pause: timedelta | None = None  # How long a throttled account waits at least.
    do: str = ""  # What an operator should do about it.

    def fits(self, status: int | None, said: Iterable[Said], *, names_pause: bool) -> bool:
        return (
            _has(self.status, status)
            and names_pause >= self.names_pause
            and (not (self.code or self.text) or any(self._is_about(one) for one in said))
        )

    def _is_about(self, one: Said) -> bool:
        code = not self.code or re.fullmatch(self.code, one.code, re.IGNORECASE)
        return bool(code and (not self.text or re.search(self.text, one.text, re.IGNORECASE)))


class Item(NamedTuple):
    """The keys by which a batch's answer tells of one of its messages."""

    id: str
    fault: str  # There, and neither 0 nor empty: it was not taken.


class Answers(NamedTuple):
    """How one provider answers."""

    source: str  # Where the provider documents it.
    rows: tuple[Row, ...]
    shapes: tuple[Shape, ...]
    pause_headers: tuple[str, ...] = ()  # That say when to come back, besides Retry-After.
    proof_header: str = ""  # Without it, a 2xx is not the provider's: its body says nothing.
    item: Item | None = None  # None: no batch calls.

    def said(self, body: Json) -> list[Said]:
        """All faults that an answer names, without doubles."""
        found = (_said(value, shape) for shape in self.shapes for value in _at(body, shape.at.split(".")))
        return list(dict.fromkeys(one for one in found if one.code or one.text))


def _has(wanted: int | range | None, status: int | None) -> bool:
    match wanted:
        case None:
            return True
        case range():
            return status in wanted
        case _:
            return status == wanted


def _at(value: Json, path: Sequence[str]) -> Iterator[Json]:
    match path, value:
        case [] | [""], _:
            yield value
        case ["[]", *rest], list():
            for item in value:
                yield from _at(item, rest)
        case ["{}", *rest], dict():
            for item in value.values():
                yield from _at(item, rest)
        case [key, *rest], dict() if key in value:
            yield from _at(value[key], rest)


def _said(value: Json, shape: Shape) -> Said:
    match value:
        case dict():
            texts = (word(value.get(key)) for key in shape.text.split())
            return Said(word(value.get(shape.code)), " ".join(filter(None, texts)))
        case list():
            return Said("", "")
        case _:
            return Said("", word(value))
