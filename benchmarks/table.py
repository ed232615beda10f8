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
    "e2e": Benchmark(
        "the same beside post_office and celery-email",
        {
            "e2e_vs_post_office_app": Target("≥", 4),
            "e2e_vs_post_office_best": Target("≥", 0.9),
            "e2e_vs_celery_email_app": Target("≥", 3),
            "e2e_vs_celery_email_best": Target("≥", 1),
        },
    ),
    "latency": Benchmark(
        "single events at half of that rate, from POST to accept",
        {"latency_p50_ms": Target("<", 30), "latency_p99_ms": Target("<", 150)},
    ),
    "statements": Benchmark(
        "SQL statements for 1,000 events in batches of 100 → accepted", {"statements_per_1000": Target("≤", 240)}
    ),
    "webhooks": Benchmark(
        "500 webhook calls a second, and the digest pump alone",
        {
            "webhook_p99_ms": Target("≤", 100),
            "digest_per_s": Target("≥", 1_000),
            "digest_statements_full": Target("≤", 16),
        },
    ),
    "batch": Benchmark("as `drain`, with batch calls", {"batch_vs_bare": Target("≥", 1.8)}),
    "latency50": Benchmark(
        "as `drain`, through an ESP that takes 50 ms",
        {"latency50_emails_per_s": Target("≥", 500), "latency50_vs_ideal": Target("≥", 0.6)},
    ),
    "lanes": Benchmark(
        "receipts among 100,000 mails of a broadcast, from POST to accept",
        {"transactional_p99_under_bulk_ms": Target("≤", 2_000)},
    ),
    "backlog": Benchmark("as `drain`, among 1,000,000 messages due", {"drain_at_1m_vs_empty": Target("≥", 0.9)}),
    "rules": Benchmark("rules of nine nodes, evaluated in Python", {"rules_per_second": Target("≥", 50_000)}),
    "broadcast": Benchmark(
        "100,000 contacts enter on a schedule, and run their first step", {"broadcast_100k_s": Target("≤", 15)}
    ),
    "react": Benchmark(
        "events with 200 flows of which 3 let in, beside 3 flows that do", {"react_200_vs_3": Target("≤", 1.3)}
    ),
    "segments": Benchmark(
        "counting 1,000,000 contacts by rules, beside SQL by hand; an event among 200 segments of which 3 count it",
        {"segment_vs_hand_sql": Target("≤", 1.3), "segment_event_200_vs_3": Target("≤", 1.3)},
    ),
    "suppression": Benchmark(
        "1,000 addresses asked of 10 million suppressions; a list of a million taken in",
        {"suppression_check_1000_ms": Target("<", 20)},
    ),
    "memory": Benchmark("the most that a worker process ever held", {"worker_peak_mb": Target("<", 180)}),
}
