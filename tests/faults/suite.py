"""Run cases one after another on one stack, and measure each."""

import time
import traceback
from collections.abc import Callable, Iterable, Iterator

from tests.faults import broker, database, esp, policy, workers  # noqa: F401 - they fill the table of cases.
from tests.faults.case import CASES, Case
from tests.faults.ground import LEASE_S, Ground
from tests.faults.invariants import Findings, examine, log_sizes
from tests.faults.report import Row

# What the ESP knows is told within this time after the last message has ended. Webhooks that were answered by an error
# while something was down are repeated after up to a minute.
FEEDBACK_S = 90
# The reaper comes every 10 s.
REAPED_S = 20


def run_all(cases: Iterable[Case], ground: Ground) -> Iterator[Row]:
    for one in cases:
        yield run(one, ground)


def run(one: Case, ground: Ground) -> Row:
    """Never raises for what a case finds: that stands in its row."""
    faults: list[str] = []
    ground.reset()
    sizes = log_sizes(ground)
    try:
        one.do(ground)
    except Exception as error:  # noqa: BLE001 - whatever a case stumbles over, those after it are still to run.
        faults.append(f"the case broke off: {error}\n{traceback.format_exc(limit=-2)}")
    began = time.monotonic()
    drained = _within(one.within, ground.is_drained)
    drain_s = time.monotonic() - began
    if not drained:
        faults.append(f"I2 not drained within {one.within:.0f} s: {dict(ground.statuses())}")
    if not _within(FEEDBACK_S, lambda: ground.webhooks_waiting() == 0 and _is_digested(ground)):
        faults.append(f"what the ESP reported was not digested within {FEEDBACK_S} s")
    if not _within(LEASE_S + REAPED_S, ground.is_written_down):
        faults.append(f"attempts are still to be written down {REAPED_S} s after their leases ran out")
    found = examine(ground, sizes)
    faults += found.breaches
    return Row(
        case=one.name,
        broker=ground.broker,
        messages=found.messages,
        lost=found.lost,
        doubled=found.doubled,
        uncertain_pct=round(100 * found.uncertain / max(1, found.messages), 2),
        drain_s=round(drain_s, 1),
        holds=not faults,
        remarks=faults + ground.notes + _counted_apart(found),
    )


def _is_digested(ground: Ground) -> bool:
    rows = ground.outside.rows("SELECT 1 FROM webhooks_inboxevent WHERE status = 'new' AND due_at <= now() LIMIT 1")
    return not rows


def _counted_apart(found: Findings) -> list[str]:
    counts = {
        "were in flight when their reader left": found.in_flight_at_opt_out,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def chosen(broker_name: str, only: str | None, *, short: bool = False) -> list[Case]:
    return [
        one
        for one in CASES
        if broker_name in one.brokers and (only is None or only in one.name) and (one.short or not short)
    ]
