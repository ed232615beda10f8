"""What the sandbox has accepted, read from its journal: the one clock and the one count of all benchmarks."""

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

LOOK_EVERY = 0.02  # Seconds. The exact time of an accept stands in its line, so this makes no figure coarser.


class TooSlow(Exception):
    """Not everything was accepted in time. The text says how much was."""


class Accept(NamedTuple):
    at: float  # Seconds since 1970, to the microsecond, by this machine's clock.
    to: str


class _Line(msgspec.Struct):
    at: datetime
    to: str
    our_id: str | None
    outcome: str


class Journal:
    def __init__(self, path: Path) -> None:
        self._lines = path.open("rb")
        self._decode = msgspec.json.Decoder(_Line).decode
        self.skip()

    def skip(self) -> None:
        """What was accepted so far is of no interest."""
        self._lines.seek(0, os.SEEK_END)
        self._begun = b""

    def wait_for(self, mails: int, *, within: float, to: str = "") -> list[Accept]:
        """That many accepts, or somewhat more, from where the last call stopped, in their order.

        Only those to addresses that begin with `to` are counted and returned. Raises TooSlow, and RuntimeError for a
        mail that was refused or that was accepted twice: then no figure counts.
        """
        accepts: dict[str, Accept] = {}
        deadline = time.monotonic() + within
        while True:
            for line in self._new():
                mail = line.our_id or line.to  # Peers give their mails no id, and no address two of them.
                if line.outcome != "accepted" or mail in accepts:
                    raise RuntimeError(f"the sandbox says “{line.outcome}” to {mail}, or said so before")
                if line.to.startswith(to):
                    accepts[mail] = Accept(line.at.timestamp(), line.to)
            if len(accepts) >= mails:
                return list(accepts.values())
            if time.monotonic() > deadline:
                raise TooSlow(f"after {within:.0f} s, {len(accepts)} of {mails} mails were accepted")
            time.sleep(LOOK_EVERY)

    def _new(self) -> Iterator[_Line]:
        """The end of a line that is just being written comes with the next call."""
        *whole, self._begun = (self._begun + self._lines.read()).split(b"\n")
        return map(self._decode, whole)
