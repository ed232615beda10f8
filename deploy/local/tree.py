"""Which processes belong together, read from /proc."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    pid: int
    parent: int
    session: int


def members(root: int) -> list[int]:
    """`root`, its descendants, and whatever is left of the session it leads. Zombies do not count."""
    entries = list(living())
    found = {entry.pid for entry in entries if root in (entry.pid, entry.session)}
    while below := {entry.pid for entry in entries if entry.parent in found} - found:
        found |= below
    return sorted(found)


def living() -> list[Entry]:
    return [entry for path in Path("/proc").glob("[0-9]*/stat") if (entry := read(path))]


def read(path: Path) -> Entry | None:
    try:
        # proc_pid_stat(5): the name, in parentheses, may itself hold spaces and parentheses.
        state, parent, _group, session, *_ = path.read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None  # It ended while we looked.
    return None if state in "ZX" else Entry(int(path.parent.name), int(parent), int(session))


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def resident_kb(pid: int) -> dict[str, int]:
    """`VmRSS` now and `VmHWM` at its peak, in kB; empty when the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    pairs = (line.split(":", 1) for line in lines if line.startswith(("VmRSS:", "VmHWM:")))
    return {key: int(value.split()[0]) for key, value in pairs}
