"""The journal: one line for every mail that any send request asked for, and what the sandbox did about it.

It is what tests and benchmarks count, so it must be true: a line is with the operating system before its answer is
written, so killing the sandbox loses no line of an answered request. (Not synced: a power cut may.)
"""

import os
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    ACCEPTED_UNANSWERED = "accepted_unanswered"  # Accepted, but the client was not told, or not so that it could tell.
    DUPLICATE = "duplicate"  # Accepted before, under the same idempotency key: answered again, not sent again.
    REJECTED = "rejected"
    THROTTLED = "throttled"
    ERROR = "error"  # Not accepted, for no reason in the request.


class Entry(Struct, gc=False):
    """One line. `esp_id` is empty unless the mail was accepted; `our_id` is null if the mail carried none."""

    at: str
    provider: str
    account: str
    to: str
    subject: str
    our_id: str | None
    esp_id: str
    outcome: Outcome


class Journal:
    """The file, and counts of what was written to it since the start or the last `clear()`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._encode_lines = msgspec.json.Encoder().encode_lines
        self.counts: Counter[tuple[str, Outcome]] = Counter()  # By account and outcome.

    def write(self, entries: Sequence[Entry]) -> None:
        """Write all of these lines, or raise OSError and leave the file as it was."""
        lines = self._encode_lines(entries)
        written = os.write(self._file, lines)
        if written < len(lines):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(f"{self._path} took only a part of its lines. Is the disk full?")
        for entry in entries:
            self.counts[entry.account, entry.outcome] += 1

    def read(self, *, since: int = 0, account: str | None = None) -> tuple[bytes, int]:
        """The lines from byte `since` on, of one account if given, and the `since` that continues after them.

        A `since` past the end is from before a `clear()`: then all lines are new.
        """
        with self._path.open("rb") as file:
            file.seek(since if since <= os.fstat(file.fileno()).st_size else 0)
            lines = file.read()
            until = file.tell()
        if account is not None:
            # Within a JSON string the quotes would be escaped, so only the key itself can match.
            wanted = b'"account":%b,' % msgspec.json.encode(account)
            lines = b"".join(line for line in lines.splitlines(keepends=True) if wanted in line)
        return lines, until

    def clear(self) -> None:
        os.ftruncate(self._file, 0)
        self.counts.clear()

    def close(self) -> None:
        os.close(self._file)
