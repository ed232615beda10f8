"""One launcher to a data folder at a time."""

import fcntl
import os
import time
from pathlib import Path

LEFTOVERS_WITHIN = 20  # Seconds. Children of a killed launcher end by themselves; past this, something holds on.


class AlreadyRunning(Exception):
    """Another launcher uses the data folder."""


def acquire(file: Path) -> int:
    """Lock `file` and return its descriptor, which every child shall inherit.

    So the lock is held until the launcher *and* all it started are gone: whoever gets it knows that no database server
    still writes to the folder, however the last one ended.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LEFTOVERS_WITHIN
    while not taken(descriptor):
        owner = os.pread(descriptor, 32, 0).decode()
        if is_alive(owner) or time.monotonic() > deadline:
            os.close(descriptor)
            raise AlreadyRunning(
                f"Signalpost already runs on {file.parent} (process {owner or 'unknown'}). "
                "Stop it first: Ctrl-C where it was started, or `kill` that process."
            )
        time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_alive(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()
