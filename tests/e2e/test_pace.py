"""The pace of an account, kept by several worker processes together, as its ESP would see it."""

from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from deploy.local.topology import Worker
from tests.outside import Outside, wait_until

DEMO = Path(__file__).parents[2] / "examples" / "demo.yaml"
DELIVERERS = [Worker(f"deliver-{n}", ("deliver.transactional", "deliver.triggered", "deliver.bulk")) for n in range(4)]
RATE = 100  # Mails a second.
BURST = 50
MAILS = 2_500  # More than goes out in two windows.
WINDOW_S = 10

# Each worker's connection keeps a tally of its own.
_TOOK_PART = "SELECT count(DISTINCT backend) FROM automation_tally WHERE accepted > 0"
_PACE = "UPDATE automation_espaccount SET rate_limit = %s, burst = %s, updated_at = now() RETURNING 1"


@pytest.fixture(scope="module")
def paced():
    with Stack(durable=False, workers=[Worker("engine", ("react", "advance")), *DELIVERERS]) as stack:
        stack.prepare(DEMO)
        stack.start()
        outside = Outside(stack, stack.create_api_key("tests", "events:write"))
        outside.set_mode(webhooks={"drop": True})
        yield outside


def test_four_workers_never_send_more_than_the_rate_and_the_burst_in_any_ten_seconds(paced):
    paced.rows(_PACE, RATE, BURST)

    paced.order_receipts(MAILS, local="pace")
    wait_until(lambda: len(paced.accepted("pace")) == MAILS, seconds=50, what="every mail in the journal")

    accepts = sorted(datetime.fromisoformat(line["at"]).timestamp() for line in paced.accepted("pace"))
    assert most_within(accepts, WINDOW_S) <= RATE * WINDOW_S + BURST
    assert (MAILS - BURST) / (accepts[-1] - accepts[0]) > 0.9 * RATE, "it is slower than it may be"
    [(took_part,)] = paced.rows(_TOOK_PART)
    assert took_part == len(DELIVERERS)


def most_within(times: list[float], seconds: float) -> int:
    """How many of these sorted times lie in one stretch of so many seconds, at most."""
    first = most = 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
