"""The most memory that a worker process ever held."""

from benchmarks.events import post_events
from benchmarks.ground import Ground
from benchmarks.run import Figures
from deploy.local.topology import WORKERS


def run(ground: Ground) -> Figures:
    """Read after a run of events, and after all benchmarks before this one: the kernel's own high-water marks."""
    post_events(ground)
    return {
        "worker_peak_mb": max(ground.stack.peak_mb(worker.name) for worker in WORKERS),
        "web_peak_mb": ground.stack.peak_mb("web"),
    }
