"""What dies, and what must hold all the same: no event lost, no message accepted twice."""

import signal
import time
from collections import Counter

from tests.outside import wait_until

ENDED = {"sent", "delivered", "uncertain"}


def assert_all_ended_and_none_twice(outside, local, count, *, seconds=60):
    """Every message has ended, and the ESP has accepted each once at most. What it accepted is not held for unsent."""

    def all_ended():
        statuses = [status for status, _ in outside.messages(local)]
        return len(statuses) == count and set(statuses) <= ENDED

    wait_until(
        all_ended, seconds=seconds, what=f"{count} messages to end: {Counter(s for s, _ in outside.messages(local))}"
    )
    accepts = Counter(line["our_id"] for line in outside.accepted(local))
    assert [our_id for our_id, number in accepts.items() if number > 1] == []
    lost = count - len(accepts)
    uncertain = [status for status, _ in outside.messages(local)].count("uncertain")
    assert lost <= uncertain, "a message counts as sent, but the ESP never had it"


def test_workers_killed_in_mid_send_send_nothing_twice_and_lose_nothing(outside, monkeypatch):
    outside.set_mode(latency_ms=20)
    try:
        outside.order_receipts(600, local="kill")
        for _ in range(6):
            outside.stack.kill("deliver-fast", signal.SIGKILL)
            outside.stack.start("deliver-fast")
            time.sleep(0.4)
        time.sleep(4)  # Now whatever the last of the killed had claimed is older than what the living hold.
        expire_leases(outside)

        assert_all_ended_and_none_twice(outside, "kill", 600)
    finally:
        outside.set_mode(latency_ms=0)


def expire_leases(outside):
    """Leases last 90 s; a test does not wait so long. Only those of workers that are dead are touched."""
    outside.rows("UPDATE automation_message SET lease_until = now() - interval '1 s'"
                 " WHERE status = 'sending' AND claimed_at < now() - interval '3 s' RETURNING 1")  # fmt: skip


def test_the_engine_worker_killed_loses_no_event(outside):
    outside.stack.kill("engine", signal.SIGKILL)
    outside.order_receipts(200, local="engine")
    outside.stack.start("engine")
    outside.stack.kill("engine", signal.SIGKILL)
    outside.stack.start("engine")

    assert_all_ended_and_none_twice(outside, "engine", 200)


def test_everything_goes_out_although_the_broker_was_emptied(outside):
    workers = ("engine", "deliver-fast", "deliver-bulk")
    outside.stack.stop(*workers)
    outside.order_receipts(100, local="emptied")

    outside.stack.empty_broker()
    outside.stack.start(*workers)

    assert_all_ended_and_none_twice(outside, "emptied", 100)


def test_events_are_taken_while_the_broker_is_down(outside):
    broker = "rabbitmq" if "rabbitmq" in outside.stack.services else "valkey"
    outside.put_contact("down0", "down0@example.com")
    outside.stack.kill(broker, signal.SIGKILL)
    try:
        began = time.monotonic()
        answers = [
            outside.post_event("OrderCompleted", "down0", {"order_id": f"o-{number}", "total": 5})
            for number in range(5)
        ]
        assert [answer.status_code for answer in answers] == [202] * 5
        assert time.monotonic() - began < 5
    finally:
        outside.stack.start(broker)

    assert_all_ended_and_none_twice(outside, "down0", 5, seconds=90)
