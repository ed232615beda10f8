"""`deliver` draining queued messages with batch calls, beside the bare loop that sends one by one."""

from benchmarks.drain import drain
from benchmarks.ground import Ground
from benchmarks.run import Figures
from benchmarks.versus import versus_bare


def run(ground: Ground) -> Figures:
    with ground.account(batch_calls=True):
        drain(ground)  # Warm up.
        return versus_bare(ground, "batch", drain)
