"""What is wrong with something that was sent to us, said so that its sender can mend it."""

from collections.abc import Iterable
from typing import NamedTuple

# Of a thing with more faults, the first ones tell enough; the rest would only make the answer as large as the question.
MAX_FAULTS = 20


class Fault(NamedTuple):
    pointer: str  # Where: RFC 6901, into what was sent. "" is all of it.
    code: str  # What, for programs: never changes once published.
    message: str  # What, for people. Does not repeat the value, which may be personal.


class Refused(ValueError):
    """What was sent cannot be taken. `faults` has one entry at least, MAX_FAULTS at most."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults[:MAX_FAULTS]))
        self.faults = faults[:MAX_FAULTS]


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) that leads down `path`."""
    return "".join(f"/{str(name).replace('~', '~0').replace('/', '~1')}" for name in path)
