"""`python -m deploy.local run | reset | with-services COMMAND...`: what the Makefile calls once .venv stands."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local import lock, rootless, supervise
from deploy.local.child import die_with
from deploy.local.environment import EXTERNAL
from deploy.local.launch import Unusable, launch
from deploy.local.process import ROOT, NotStarted
from deploy.local.stack import CommandFailed, Stack

USAGE = "usage: python -m deploy.local run | reset | with-services COMMAND..."
VAR = ROOT / "var"
EXPECTED = (Unusable, lock.AlreadyRunning, NotStarted, CommandFailed, FileNotFoundError)  # Their texts say what to do.


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            return launch(VAR, external=external_servers())
        case ["reset"]:
            return reset(VAR)
        case ["with-services", *command] if command:
            return with_services(command)
    print(USAGE, file=sys.stderr)
    return 2


def external_servers() -> dict[str, str]:
    """The servers that the user names, to use instead of our own."""
    return {name: os.environ[name] for name in EXTERNAL if os.environ.get(name)}


def reset(data_dir: Path) -> int:
    """Forget the data folder: database, credentials, journal, logs. Refused while anything runs on it."""
    if data_dir.exists():
        lock.acquire(data_dir / "lock")
        rootless.remove(data_dir)
    print(f"{data_dir.name}/ is gone; the next `make run` starts anew.")
    return 0


def with_services(command: list[str]) -> int:
    """Run `command` beside throw-away servers, its environment pointing at them; return its exit code.

    It stays in our terminal's foreground, so that a debugger works in it and Ctrl-C reaches it too.
    """
    with Stack(durable=False, external=external_servers()) as stack:
        follow = functools.partial(die_with, os.getpid(), signal.SIGTERM)
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **stack.env}, preexec_fn=follow)  # noqa: PLW1509 (no threads here)
        try:
            return child.wait()
        except supervise.Stopped as stopped:
            if stopped.args[0] != signal.SIGINT:  # Ctrl-C has reached it already.
                child.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=60)
            raise


if __name__ == "__main__":
    supervise.stop_on_signals()
    try:
        sys.exit(main(sys.argv[1:]))
    except supervise.Stopped:
        sys.exit(130)
    except EXPECTED as error:
        sys.exit(f"\n{error}")
