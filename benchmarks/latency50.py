"""`deliver` draining queued messages through an ESP that takes 50 ms to answer: are its threads kept busy?"""

from statistics import median

from benchmarks.drain import drain
from benchmarks.ground import Ground
from benchmarks.run import Figures, figures_of
from benchmarks.yardstick import PROCESSES

ESP_S = 0.050
# Calls under way at once in each process: what it takes to make up for 50 ms on two cores. With half as many, hardly
# 500 a second could be reached; with twice as many, it is the cores that are measured.
THREADS = 24


def run(ground: Ground) -> Figures:
    """`latency50_vs_ideal` is the share of what so many threads could do if nothing but the ESP took time."""
    ideal = THREADS * PROCESSES / ESP_S
    runs = []
    with ground.account(concurrency=THREADS), ground.mode(latency_ms=ESP_S * 1e3):
        drain(ground)  # Warm up: threads and connections.
        for n in range(1, ground.rounds + 1):
            runs.append(drain(ground))
            ground.say(f"  latency50 {n}: {runs[-1]}")
    rate = median(run.per_s for run in runs)
    return {"latency50_emails_per_s": rate, "latency50_vs_ideal": rate / ideal} | figures_of("latency50", runs)
