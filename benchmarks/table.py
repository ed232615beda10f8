"""Which benchmarks there are. To add one: a module of its name with `run(ground) -> Figures`, and an entry here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Target(NamedTuple):
    """What a figure should come to."""

    sign: str
    bound: float

    def is_met_by(self, value: float) -> bool:
        return {"≥": value >= self.bound, "≤": value <= self.bound, "<": value < self.bound}[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


@dataclass(frozen=True)
class Benchmark:
    does: str
    targets: Mapping[str, Target] = field(default_factory=dict)  # By the name of the figure.


# In the order in which they run: `latency` posts at half of the rate that `events` has found.
BENCHMARKS = {
    "drain": Benchmark("5,000 queued messages → accepted", {"drain_vs_bare": Target("≥", 0.75)}),
    "events": Benchmark("5,000 events in batches of 100 → accepted", {"events_vs_bare": Target("≥", 0.55)}),
    "latency": Benchmark(
        "single events at half of that rate, from POST to accept",
        {"latency_p50_ms": Target("<", 30), "latency_p99_ms": Target("<", 150)},
    ),
    "statements": Benchmark(
        "SQL statements for 1,000 events in batches of 100 → accepted", {"statements_per_1000": Target("≤", 240)}
    ),
    "memory": Benchmark("the most that a worker process ever held", {"worker_peak_mb": Target("<", 180)}),
}
