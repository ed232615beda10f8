"""Lanes: a broadcast takes all that its account may send, and receipts go out at once all the same."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.outside import Outside, wait_until

DEMO = Path(__file__).parents[2] / "examples" / "demo.yaml"
BROADCAST = 100_000
RATE = 100  # Mails a second, so that the broadcast outlasts the test by far.
ORDERS = 100
ORDERS_PER_S = 5

_ACCOUNTS = "UPDATE automation_espaccount SET rate_limit = %s, burst = %s, status = %s, updated_at = now() RETURNING 1"
# Copies of the one message that is queued, in the lane of broadcasts.
_BROADCAST = """
INSERT INTO automation_message ({columns})
SELECT {values} FROM automation_message AS m, generate_series(1, %s) AS n
"""
_COPIED = {
    "id": "gen_random_uuid()",
    "dedupe_key": "m.dedupe_key || ':' || n",
    "to_email": "'crowd-' || n || '@example.com'",
    "lane": "'bulk'",
}


@pytest.fixture(scope="module")
def outside():
    with Stack(durable=False) as stack:
        stack.prepare(DEMO)
        stack.start()
        outside = Outside(stack, stack.create_api_key("tests", "events:write", "contacts:write"))
        outside.set_mode(webhooks={"drop": True})
        yield outside


def test_receipts_reach_the_esp_within_two_seconds_while_a_hundred_thousand_bulk_messages_wait(outside):
    outside.rows(_ACCOUNTS, RATE, RATE, "paused")
    queue_broadcast(outside)
    for n in range(ORDERS):
        outside.put_contact(f"buyer{n}", f"buyer{n}@example.com")
    outside.rows(_ACCOUNTS, RATE, RATE, "active")
    wait_until(lambda: len(outside.accepted("crowd")) > 2 * RATE, what="the broadcast to use up the burst")

    posted = post_orders(outside)
    wait_until(lambda: len(outside.accepted("buyer")) == ORDERS, what="every receipt in the journal")

    taken = {line["to"]: datetime.fromisoformat(line["at"]).timestamp() for line in outside.accepted("buyer")}
    seconds = sorted(taken[to] - at for to, at in posted.items())
    assert seconds[ORDERS * 99 // 100 - 1] < 2
    sent = len(outside.accepted("crowd"))
    assert RATE * ORDERS / ORDERS_PER_S / 2 < sent < BROADCAST, "the broadcast was not under way all the time"


def queue_broadcast(outside: Outside) -> None:
    outside.rows("UPDATE automation_frequencycap SET enabled = FALSE RETURNING 1")  # All of it goes to one contact.
    outside.put_contact("crowd", "crowd@example.com")
    outside.post_event("CartAbandoned", "crowd", {"cart_id": "c-1", "total": 80, "items": []})
    wait_until(lambda: outside.messages("crowd@") == [("queued", "")], what="one message to copy")
    names = "SELECT column_name FROM information_schema.columns WHERE table_name = 'automation_message'"
    values = {name: f"m.{name}" for (name,) in outside.rows(names)} | _COPIED
    with outside.database() as connection:
        connection.execute("SET session_replication_role = replica")  # Foreign keys, checked, take most of the time.
        columns = ", ".join(values)
        connection.execute(_BROADCAST.format(columns=columns, values=", ".join(values.values())), [BROADCAST])


def post_orders(outside: Outside) -> dict[str, float]:
    """One at a time, at a steady rate. When each was due to be posted, by the address that its receipt goes to."""
    due: dict[str, float] = {}
    began = time.time()
    for n in range(ORDERS):
        at = due[f"buyer{n}@example.com"] = began + n / ORDERS_PER_S
        time.sleep(max(0.0, at - time.time()))
        outside.post_event("OrderCompleted", f"buyer{n}", {"order_id": f"o-{n}", "total": 10})
    return due
