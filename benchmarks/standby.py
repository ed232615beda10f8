"""Processes that stand by: started, given their order, warm, and told to begin all at once.

Each reads a line of JSON (its order), prints a line when it is ready, reads a line to begin, and then its stdin to the
end: what it has used is read from /proc, so it stays until that is done.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from automation.core.json import JsonObject
from deploy.local.process import ROOT

Standby = subprocess.Popen[str]


@contextmanager
def standing_by(command: Sequence[str], order: JsonObject, env: Mapping[str, str] | None = None) -> Iterator[Standby]:
    """A process of `command` that is ready to begin. Leaving the block ends it."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # As our workers are: the kernel shares CPU out by session.
    )
    with process:
        _tell(process, json.dumps(order))
        if not process.stdout or not process.stdout.readline():
            raise RuntimeError(f"`{' '.join(command)}` ended before it was ready")
        yield process


def begin(processes: Sequence[Standby]) -> None:
    for process in processes:
        _tell(process, "begin")


def _tell(process: Standby, line: str) -> None:
    print(line, file=process.stdin, flush=True)
