"""Whether this worker has been asked to stop. Its parent process is told; its children read it in shared memory."""

from mmap import mmap
from typing import Any

_asked = mmap(-1, 1)  # Anonymous and shared: children that were forked later see the same byte.


def note_stop(**_: Any) -> None:
    """Receiver of Celery's `worker_shutting_down`. Nothing unsets it: the process ends."""
    _asked[0] = 1


def is_stopping() -> bool:
    return _asked[0] == 1
