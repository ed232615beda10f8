"""One running program: started with its log, waited for, stopped or killed with everything below it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.local import tree

ROOT = Path(__file__).resolve().parents[2]
RunAs = Literal["self", "namespace", "nobody"]
ROTATE_LOG_AT = (
    10_000_000  # Bytes. At most two such files a program, so a demo left running cannot fill the disk quickly.
)
PASS_TO_ALL = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT}  # What no process can pass on to its own children.


class NotStarted(Exception):
    """A program ended, or was not ready in time. The text holds the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, and how to tell that it is ready."""

    name: str
    command: Sequence[str | Path]
    is_ready: Callable[["Process"], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    run_as: RunAs = "self"
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel when the launcher dies. SIGKILL suits what survives a power cut and leaves no child behind.
    death_signal: signal.Signals = signal.SIGKILL
    start_within: float = 60  # Seconds. Generous: two busy cores import the app six times at once.
    stop_within: float = 15  # Then SIGKILL.


def child_command(program: Program) -> list[str]:
    """The command that runs `program` as a child of this very process. See child.py."""
    trampoline = [sys.executable, "-IS", str(Path(__file__).with_name("child.py"))]
    return [
        *trampoline,
        str(os.getpid()),
        str(int(program.death_signal)),
        program.run_as,
        *map(str, program.command),
    ]


class Process:
    """Start it from the main thread: the kernel sends the death signal when the *thread* that started a child ends."""

    def __init__(self, program: Program, log: Path, *, env: Mapping[str, str], inherit: Sequence[int] = ()) -> None:
        """`inherit`: file descriptors that the program keeps open; the lock of the data folder is one."""
        self.program = program
        self.log = log
        self._env = {**env, **program.env}
        self.started_at = 0.0
        self._inherit = tuple(inherit)
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise RuntimeError(f"{self.program.name} was never started")
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return None if self._popen is None else self._popen.poll()

    def pids(self) -> list[int]:
        """This process and everything below it; empty once all have ended."""
        return [] if self._popen is None else tree.members(self._popen.pid)

    def start(self) -> None:
        """Start and return at once. A running process is left alone."""
        if self.running:
            return
        self.sweep()
        rotate(self.log)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                child_command(self.program),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self._inherit,
            )
        self.started_at = time.monotonic()

    def is_ready(self) -> bool:
        """Raises `NotStarted` if it has ended, or has taken longer than its program allows."""
        if self.program.is_ready(self):
            return True
        if not self.running:
            raise NotStarted(self.obituary())
        if time.monotonic() > self.started_at + self.program.start_within:
            late = f"{self.program.name} was not ready within {self.program.start_within:.0f} s."
            raise NotStarted(f"{late}\n{self.log_tail()}")
        return False

    def send(self, number: signal.Signals) -> None:
        """Send `number`; SIGKILL, SIGSTOP and SIGCONT, which it cannot pass on, go to everything below as well."""
        for pid in self.pids() if number in PASS_TO_ALL else [self.pid]:
            tree.send(pid, number)

    def wait_until_ended(self, within: float) -> None:
        """Wait; when time is up, kill. Either way nothing of it is left on return."""
        if self._popen is None:
            return
        try:
            self._popen.wait(timeout=max(within, 0))
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self._popen.wait(timeout=10)
        self.sweep()

    def sweep(self) -> None:
        """Kill what a dead process left behind: a web server's workers outlive it and would hold its port."""
        if self._popen is None or self.running:
            return
        deadline = time.monotonic() + 10
        while (left := self.pids()) and time.monotonic() < deadline:
            for pid in left:
                tree.send(pid, signal.SIGKILL)
            time.sleep(0.02)

    def output(self) -> str:
        """What it wrote since its last start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def log_tail(self, lines: int = 15) -> str:
        tail = self.output().splitlines()[-lines:]
        return "\n".join([f"The end of {self.log}:", *(f"    {line}" for line in tail or ["(empty)"])])

    def obituary(self) -> str:
        code = self.exit_code
        how = f"was killed by {signal.Signals(-code).name}" if code and code < 0 else f"ended with exit code {code}"
        return f"{self.program.name} {how}.\n{self.log_tail()}"


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > ROTATE_LOG_AT:
        log.replace(log.with_suffix(".log.1"))
