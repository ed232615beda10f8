"""A person who was erased is nowhere any more: not in the database, Redis, the broker, a log or an export."""

import subprocess

import redis

from deploy.local.postgres import find_binaries
from tests.outside import wait_until

CANARY = "canary7f3a"
ADDRESS = f"bounce-{CANARY}@example.com"


def test_nothing_of_an_erased_person_is_left_but_that_they_must_not_be_mailed(outside):
    outside.put_contact(f"id-{CANARY}", ADDRESS, attributes={"name": f"Ana {CANARY}"})
    order = {"order_id": f"o-{CANARY}", "total": 5}
    cart = {"cart_id": f"c-{CANARY}", "total": 80, "items": []}
    outside.post_event("CartAbandoned", f"id-{CANARY}", cart, metadata={"seen": CANARY})
    outside.post_event("OrderCompleted", f"id-{CANARY}", order)
    wait_until(lambda: len(outside.messages(ADDRESS)) == 2, what="both mails")
    wait_until(lambda: {status for status, _ in outside.messages(ADDRESS)} <= {"bounced", "withheld"}, what="a bounce")
    before = counts(outside)
    assert CANARY in dump(outside), "the canary has to be there first"

    answer = outside.http.delete(privacy_url(outside), headers=outside._headers, timeout=10)

    assert answer.status_code == 200, answer.text
    wait_until(lambda: outside.rows("SELECT count(*) FROM webhooks_sweep") == [(0,)], what="the sweep of webhook calls")
    assert CANARY not in dump(outside)
    assert CANARY not in everything_in_redis(outside)
    for log in (outside.stack.data_dir / "log").iterdir():
        assert CANARY not in log.read_text(errors="replace"), log.name
    assert outside.http.get(privacy_url(outside), headers=outside._headers, timeout=10).status_code == 404
    assert counts(outside) == before


def test_who_comes_back_is_a_new_contact_and_gets_no_marketing(outside):
    address = "back-again@example.com"
    outside.put_contact("back", address)
    outside.http.delete(privacy_url(outside, "back"), headers=outside._headers, timeout=10)

    outside.put_contact("back", address)
    outside.post_event("CartAbandoned", "back", {"cart_id": "c-77", "total": 80, "items": []})
    outside.post_event("OrderCompleted", "back", {"order_id": "o-77", "total": 5})

    wait_until(lambda: ("withheld", "erased") in outside.messages(address), what="the withheld reminder")
    wait_until(lambda: len(outside.accepted(address)) == 1, what="the receipt")


def privacy_url(outside, external_id=f"id-{CANARY}"):
    return f"{outside.stack.url}/api/v1/privacy/{external_id}/"


def counts(outside):
    """What reports are made of."""
    return [
        outside.rows("SELECT status, count(*) FROM automation_message GROUP BY 1 ORDER BY 1"),
        outside.rows("SELECT event_type_id, count(*) FROM automation_event GROUP BY 1 ORDER BY 1"),
        outside.rows("SELECT flow_id, count(*) FROM automation_enrollment GROUP BY 1 ORDER BY 1"),
        outside.rows("SELECT sum(accepted), sum(hard_bounced), sum(failed) FROM automation_tally"),
    ]


def dump(outside):
    command = [find_binaries(None) / "pg_dump", outside.stack.env["DATABASE_URL"]]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def everything_in_redis(outside):
    """Keys and values, which are the broker's queues, too, where Redis is the broker."""
    client = redis.Redis.from_url(outside.stack.env["REDIS_URL"])
    return "".join(f"{key}{client.dump(key)}" for key in client.scan_iter())
