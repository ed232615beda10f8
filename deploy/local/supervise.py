"""Watch a running stack: say what died and start it again, until a signal asks to stop."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from deploy.local.child import die_with
from deploy.local.process import Process
from deploy.local.stack import Stack

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY = 0.5  # Seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # Seconds before a restart; doubles while the process keeps dying.
HEALTHY_AFTER = 60.0  # Seconds of life after which a death counts as the first again.


class Stopped(BaseException):
    """A signal, `args[0]`, asked us to stop. No `Exception`, so that nothing on the way takes it for an error."""


def stop_on_signals() -> None:
    """From now on the first SIGINT, SIGTERM or SIGHUP raises `Stopped`; later ones do not disturb the stopping.

    Under `make`, its death counts as one: it may be killed in a way that it cannot pass on.
    """
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means to survive it.
            signal.signal(number, stop)
    if "MAKELEVEL" in os.environ:
        die_with(os.getppid(), signal.SIGTERM)


def stop(number: int, frame: FrameType | None) -> None:
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def watch(stack: Stack, report: Callable[[str], None]) -> None:
    """Keep all processes of `stack` alive. Never returns."""
    wards = [Ward(stack.process(name), report) for name in (*stack.services, *stack.application)]
    while True:
        for ward in wards:
            ward.tend(time.monotonic())
        time.sleep(LOOK_EVERY)


@dataclass
class Ward:
    """A process that is to live on."""

    process: Process
    report: Callable[[str], None]
    pause: float = FIRST_PAUSE
    due_at: float | None = None  # Dead, and to be started then.

    def tend(self, now: float) -> None:
        if self.process.running:
            return
        if self.due_at is None:
            if now - self.process.started_at > HEALTHY_AFTER:
                self.pause = FIRST_PAUSE
            self.report(f"{self.process.obituary()}\nStarting it again in {self.pause:.0f} s.")
            self.due_at = now + self.pause
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
        elif now >= self.due_at:
            self.due_at = None
            self.process.start()
