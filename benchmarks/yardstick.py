"""The yardstick: a bare Anymail loop, as many processes as we have workers that deliver, each with its connection."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from automation.core.json import JsonObject
from benchmarks import shop
from benchmarks.cpu import Meter
from benchmarks.ground import Ground
from benchmarks.run import Run
from deploy.local.process import ROOT
from deploy.local.topology import WORKERS

MAILS = 5_000
PROCESSES = sum(any(queue.startswith("deliver.") for queue in worker.queues) for worker in WORKERS)


def run(ground: Ground) -> Run:
    """Send our mail to the same sandbox, while Signalpost has nothing to do. The run is kept in `ground.bare`."""
    order = shop.example_mail() | {"api_url": f"{ground.stack.sandbox_url}/bare/postmark/", "mails": MAILS // PROCESSES}
    with ExitStack() as loops:
        processes = [loops.enter_context(_loop(order)) for _ in range(PROCESSES)]
        meter = Meter({"loop": lambda: [one.pid for one in processes], "sandbox": lambda: ground.pids("sandbox")})
        ground.rest()
        with meter:
            began = time.time()
            for process in processes:
                _tell(process, "begin")
            accepts = ground.wait_for(MAILS)
    ground.bare.append(Run(MAILS, accepts[-1].at - began, meter))
    return ground.bare[-1]


@contextmanager
def _loop(order: JsonObject) -> Iterator["subprocess.Popen[str]"]:
    """A process of bare_loop.py, warm and ready to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare_loop"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # As our workers are: the kernel shares CPU out by session.
    )
    with process:
        _tell(process, json.dumps(order))
        if not process.stdout or not process.stdout.readline():
            raise RuntimeError("a bare loop ended before it was ready")
        yield process


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    print(line, file=process.stdin, flush=True)
