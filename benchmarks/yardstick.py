"""The yardstick: a bare Anymail loop, as many processes as we have workers that deliver, each with its connection."""

import sys
import time
from contextlib import ExitStack

from benchmarks import shop
from benchmarks.cpu import Meter
from benchmarks.ground import Ground
from benchmarks.run import Run
from benchmarks.standby import begin, standing_by
from deploy.local.topology import WORKERS

MAILS = 5_000
PROCESSES = sum(any(queue.startswith("deliver.") for queue in worker.queues) for worker in WORKERS)


def run(ground: Ground) -> Run:
    """Send our mail to the same sandbox, while Signalpost has nothing to do. The run is kept in `ground.bare`."""
    order = shop.example_mail() | {"api_url": f"{ground.stack.sandbox_url}/bare/postmark/", "mails": MAILS // PROCESSES}
    command = [sys.executable, "-m", "benchmarks.bare_loop"]
    with ExitStack() as loops:
        processes = [loops.enter_context(standing_by(command, order)) for _ in range(PROCESSES)]
        meter = Meter({"loop": lambda: [one.pid for one in processes], "sandbox": lambda: ground.pids("sandbox")})
        ground.rest()
        with meter:
            began = time.time()
            begin(processes)
            accepts = ground.wait_for(MAILS)
    ground.bare.append(Run(MAILS, accepts[-1].at - began, meter))
    return ground.bare[-1]
