"""Who has used how much CPU: read from /proc, so that what is measured does nothing for it."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

Pids = Callable[[], list[int]]

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU seconds of each part, while a `with` block ran. Exact to 10 ms a process."""

    def __init__(self, parts: Mapping[str, Pids]) -> None:
        self._parts = parts
        self.used: dict[str, float] = {}
        self.others = 0.0  # By everything else on this machine, as a share of all its cores.

    def __enter__(self) -> Self:
        self._began, self._before, self._machine = time.monotonic(), self._read(), of_machine()
        return self

    def __exit__(self, *_: object) -> None:
        self.used = {part: used - self._before[part] for part, used in self._read().items()}
        machine, cores_s = of_machine() - self._machine, (time.monotonic() - self._began) * len(os.sched_getaffinity(0))
        self.others = max(0.0, machine - sum(self.used.values())) / cores_s

    def _read(self) -> dict[str, float]:
        return {part: sum(map(of_process, pids())) for part, pids in self._parts.items()}


def of_process(pid: int) -> float:
    """With its children that have ended and were waited for; those that live are processes of their own."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) * TICK_S  # proc_pid_stat(5): utime, stime, cutime, cstime.


def of_machine() -> float:
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq) * TICK_S
