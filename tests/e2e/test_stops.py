"""A worker that is asked to stop while the ESP takes its time over calls."""

import time
from collections import Counter

from tests.outside import wait_until

SLOW_MS = 20_000  # The read time-out is 30 s.
GRACE_S = 60  # As docs/operations.md asks for.


def test_it_waits_for_its_calls_writes_them_down_and_begins_no_more(outside):
    outside.set_mode(latency_ms=SLOW_MS, webhooks={"drop": True})
    outside.order_receipts(40, local="slow")
    wait_until(lambda: outside.accepted("slow"), what="calls under way")
    began = time.monotonic()

    outside.stack.stop("deliver-fast")

    took = time.monotonic() - began
    accepted = len(outside.accepted("slow"))
    assert SLOW_MS / 2000 < took < GRACE_S
    assert statuses(outside) == {"sent": accepted, "queued": 40 - accepted}
    outside.set_mode(webhooks={"drop": True})
    outside.stack.start("deliver-fast")
    wait_until(lambda: statuses(outside) == {"sent": 40}, what="the others")
    assert len({line["our_id"] for line in outside.accepted("slow")}) == len(outside.accepted("slow")) == 40
    outside.set_mode()


def statuses(outside):
    return Counter(status for status, _ in outside.messages("slow"))
