"""Workers that are killed, stopped, restarted, or held up past their leases."""

import random
import signal
from collections.abc import Sequence

from tests.faults.case import BOTH, RABBITMQ, REDIS, case
from tests.faults.ground import DELIVERERS, EVERYONE, LEASE_S, Ground
from tests.outside import wait_until

CONCURRENCY = 8  # As in faults.yaml.
WINDOW = 100  # The most that one worker holds of an account: MAX_CLAIM in automation/delivery/calls.py.
AFTER_LEASE = LEASE_S + 60


@case(on=REDIS, within=AFTER_LEASE)
def worker_killed_before_the_request(ground: Ground) -> None:
    """What was claimed and not begun is sent by others, and is uncertain at no time."""
    ground.mode(latency_ms=100)  # A slower ESP, and nothing is claimed ahead.
    ground.post("Receipt", 400)
    ground.wait_for_accepts(100)

    ground.stack.kill("deliver-fast")
    not_begun = ground.claimed_and_not_begun()

    assert not_begun, "every claimed message had been begun: the kill missed"
    ground.notes.append(f"{len(not_begun)} were claimed and not begun")
    ground.mode()
    ground.stack.start("deliver-fast")
    wait_until(lambda: not_begun <= ground.accepted(), seconds=AFTER_LEASE, what="those to be sent by others")


@case(on=RABBITMQ, within=AFTER_LEASE)
def worker_killed_after_the_accept(ground: Ground) -> None:
    """Without webhooks nobody can tell what became of those calls, so they stay uncertain."""
    ground.mode(latency_ms=1500, webhooks={"drop": True})
    ground.post("Receipt", 200)
    ground.wait_for_accepts(CONCURRENCY)

    ground.stack.kill("deliver-fast")
    in_flight = ground.having("sending") & ground.accepted()

    assert in_flight, "no message was accepted and unrecorded: the kill missed"
    ground.promise.may_be_uncertain = len(in_flight)
    ground.mode()
    ground.stack.start("deliver-fast")


@case(on=REDIS, within=AFTER_LEASE)
def worker_killed_after_the_accept_with_idempotency_keys(ground: Ground) -> None:
    """The same bytes under the same key: asked again, taken once, and nothing is uncertain."""
    ground.mode(latency_ms=1500, webhooks={"drop": True})
    ground.post("Club", 200)
    ground.wait_for_accepts(CONCURRENCY)

    for name in DELIVERERS:
        ground.stack.kill(name)
    in_flight = ground.having("sending") & ground.accepted()

    assert in_flight, "no message was accepted and unrecorded: the kill missed"
    ground.mode(webhooks={"drop": True})
    ground.stack.start(*DELIVERERS)
    wait_until(ground.is_drained, seconds=AFTER_LEASE)
    repeated = {line["our_id"] for line in ground.outside.journal() if line["outcome"] == "duplicate"}
    assert in_flight <= repeated, "calls of unknown outcome were not asked again"


@case(on=REDIS, within=AFTER_LEASE)
def worker_killed_in_mid_batch(ground: Ground) -> None:
    """Though the ESP honours keys: what was in a batch had none of its own, so nobody may ask for it again."""
    ground.batch_calls()
    ground.mode(latency_ms=1500, webhooks={"drop": True})
    with ground.nobody_delivers():
        ground.post("Club", 400)
    ground.wait_for_accepts(50)

    for name in DELIVERERS:
        ground.stack.kill(name)
    held = ground.having("sending")

    assert held & ground.accepted(), "no batch was accepted and unrecorded: the kill missed"
    ground.promise.may_be_uncertain = len(held)
    ground.mode(webhooks={"drop": True})
    ground.stack.start(*DELIVERERS)
    wait_until(lambda: not held & ground.having("sending"), seconds=AFTER_LEASE, what="the leases to run out")
    assert held & ground.having("uncertain"), "the reaper took batches for calls that may be repeated"


@case(on=BOTH, within=AFTER_LEASE + 120)
def storm_of_25_kills(ground: Ground) -> None:
    """6,000 messages, and every worker is killed again and again."""
    chance = random.Random(25)
    ground.mode(latency_ms=20)
    ground.pace(25)
    ground.post("News", 6_000)

    for number in range(25):
        ground.wait_for_accepts(len(ground.accepted()) + chance.randrange(5, 30))
        name = EVERYONE[number % len(EVERYONE)]
        ground.stack.kill(name)
        ground.stack.start(name)

    assert not ground.is_drained(), "the storm outlasted the mail"
    # A call whose mark is set, but whose request the ESP has never read, stays uncertain: no webhook will tell.
    ground.promise.may_be_uncertain = 25 * CONCURRENCY
    ground.pace(100_000)


@case(on=BOTH)
def rolling_restarts_under_load(ground: Ground) -> None:
    """SIGTERM: whoever is asked to stop first settles what it has begun, so nothing becomes uncertain."""
    ground.mode(latency_ms=100, webhooks={"drop": True})
    ground.pace(25)
    ground.post("News", 2_500)

    for _ in range(3):
        for name in EVERYONE:
            ground.wait_for_accepts(len(ground.accepted()) + 5)
            ground.stack.restart(name)

    assert not ground.is_drained(), "the restarts outlasted the mail"
    ground.pace(100_000)


@case(on=REDIS, within=120)
def worker_stopped_past_its_lease(ground: Ground) -> None:
    """Four dispatchers; one is stopped with calls under way, loses its claims to the others, and wakes."""
    ground.mode(latency_ms=700, webhooks={"drop": True})
    with ground.four_dispatchers() as dispatchers:
        ground.post("News", 1_000)
        ground.wait_for_accepts(4 * CONCURRENCY)
        stopped, held = _stop_one_that_sends(ground, dispatchers)
        try:
            ground.notes.append(f"{len(held)} were held by the stopped one of {len(dispatchers)} dispatchers")
            ground.mode()
            wait_until(lambda: not held & ground.having("sending"), seconds=AFTER_LEASE, what="its leases to run out")
        finally:
            ground.stack.kill(stopped, signal.SIGCONT)
        ground.post("News", 100)
        ground.wait_for_messages()
        # Its calls had been answered, and it says so late: what was taken for lost is then known to be sent.
        wait_until(ground.is_drained, seconds=60, what="the mail posted after it woke")
        wait_until(lambda: not ground.having("uncertain"), seconds=30, what="the late results")


def _stop_one_that_sends(ground: Ground, dispatchers: Sequence[str]) -> tuple[str, set[str]]:
    """Which worker holds a message is written down nowhere: stop one, and see whether any stays in its hands."""
    for name in dispatchers:
        ground.stack.kill(name, signal.SIGSTOP)
        try:
            return name, wait_until(lambda: _held(ground), seconds=6, what="messages in its hands")
        except AssertionError:
            ground.stack.kill(name, signal.SIGCONT)
    raise AssertionError("no dispatcher was sending: the case missed")


def _held(ground: Ground) -> set[str]:
    """What has been in somebody's hands for so long that he cannot be alive: the ESP takes 0.7 s."""
    old = ground.outside.rows(
        "SELECT id::text FROM automation_message WHERE status = 'sending' AND claimed_at < now() - interval '4.5 s'"
    )
    return {row[0] for row in old}
