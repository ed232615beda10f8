"""How soon a mail is accepted after its event was posted, at half of the rate that can be kept up."""

import time
from statistics import median, quantiles

from benchmarks import shop
from benchmarks.client import Post, post_all
from benchmarks.events import post_events
from benchmarks.ground import Ground
from benchmarks.run import Figures, Run, figures_of

SECONDS = 10
CONNECTIONS = 8
LEAD_S = 0.1  # Until the first POST, so that the connections' threads are waiting by then.


def run(ground: Ground) -> Figures:
    """Percentiles of each round, and of these the medians."""
    rate = (ground.figures.get("events_per_s") or post_events(ground).per_s) / 2
    found: list[dict[str, float]] = []
    runs: list[Run] = []
    for n in range(1, ground.rounds + 1):
        run, figures = post_singly(ground, rate)
        found.append(figures)
        runs.append(run)
        p50, p99 = figures["latency_p50_ms"], figures["latency_p99_ms"]
        ground.say(f"  latency {n}: p50 {p50:.0f} ms, p99 {p99:.0f} ms; {run}")
    medians = {name: median(figures[name] for figures in found) for name in found[0]}
    return {"latency_rate_per_s": rate} | medians | figures_of("latency", runs)


def post_singly(ground: Ground, rate: float) -> tuple[Run, dict[str, float]]:
    """Post single events on an open-loop schedule. An event's clock starts when it was *due* to be posted."""
    events = min(int(rate * SECONDS), shop.CONTACTS)
    bodies = [shop.one_event(n) for n in range(events)]
    ground.rest()
    with ground.meter() as meter:
        began = time.time() + LEAD_S
        posts = [Post("/api/v1/events/", body, at=began + n / rate) for n, body in enumerate(bodies)]
        answered = post_all(ground.stack.url, ground.api_key, posts, connections=CONNECTIONS)
        accepts = ground.wait_for(events)
        ground.wait_until_written()
    due = {shop.address(n): post.at for n, post in enumerate(posts)}
    to_accept = [accept.at - due[accept.to] for accept in accepts]
    to_answer = [at - post.at for at, post in zip(answered, posts, strict=True)]
    run = Run(events, accepts[-1].at - began, meter)
    return run, percentiles("latency", to_accept) | percentiles("latency_answer", to_answer)


def percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100)
    return {f"{name}_p50_ms": cuts[49] * 1e3, f"{name}_p99_ms": cuts[98] * 1e3}
