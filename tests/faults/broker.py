"""Brokers and Redis that go away, forget, or hang up. Rows and the heartbeat make up for it."""

import signal

from tests.faults.case import BOTH, REDIS, case
from tests.faults.ground import DELIVERERS, EVERYONE, LEASE_S, Ground
from tests.faults.workers import WINDOW
from tests.outside import wait_until


@case(on=BOTH, within=90)
def broker_down_during_ingest(ground: Ground) -> None:
    """The API goes on taking events. `post` fails if it does not."""
    broker = "valkey" if ground.broker == "redis" else "rabbitmq"
    ground.post("News", 50)
    ground.stack.kill(broker)
    try:
        ground.post("News", 300)
    finally:
        ground.stack.start(broker)


@case(on=BOTH, short=True)
def broker_emptied_in_mid_campaign(ground: Ground) -> None:
    ground.pace(150)
    ground.post("News", 900)

    for _ in range(20):
        ground.stack.empty_broker()
        ground.wait_for_accepts(min(len(ground.accepted()) + 20, 900))

    ground.pace(100_000)


@case(on=BOTH, within=90)
def connections_reset_in_a_loop(ground: Ground) -> None:
    """Nobody is deaf afterwards: what is posted then goes out too."""
    ground.pace(100)
    ground.post("News", 900)

    for _ in range(12):
        ground.reset_connections()
        ground.wait_for_accepts(min(len(ground.accepted()) + 10, 900), seconds=120)

    ground.pace(100_000)
    ground.post("Receipt", 100)


@case(on=REDIS, within=LEASE_S + 60)
def redis_flushed_in_mid_campaign(ground: Ground) -> None:
    """Tokens, wakes and begin marks are gone, and with them the proof that a dead worker's calls had not begun."""
    ground.mode(latency_ms=200)
    ground.pace(150)
    ground.post("News", 1_000)

    for number in range(10):
        ground.wait_for_accepts(len(ground.accepted()) + 30)
        if number == 5:
            for name in DELIVERERS:
                ground.stack.kill(name)
        ground.flush_redis()
        ground.stack.start(*DELIVERERS)

    ground.promise.may_be_uncertain = len(DELIVERERS) * WINDOW
    ground.pace(100_000)


@case(on=REDIS)
def redis_hangs(ground: Ground) -> None:
    """It takes connections and answers nothing: slower than being away."""
    ground.post("News", 50)
    ground.stack.kill("valkey", signal.SIGSTOP)
    try:
        ground.post("News", 50)
    finally:
        ground.stack.kill("valkey", signal.SIGCONT)


@case(on=BOTH)
def scheduler_down_then_two_at_once(ground: Ground) -> None:
    """Without beat, wakes do. Lost wakes then go unseen until it is back; two of them do nothing twice."""
    ground.stack.stop("beat")
    try:
        ground.post("News", 100)
        wait_until(ground.is_drained, seconds=60, what="the mail without a scheduler")
        ground.stack.stop(*EVERYONE)
        ground.post("News", 100)
        ground.stack.empty_broker()
        ground.stack.start(*EVERYONE)
    finally:
        ground.stack.start("beat")
    with ground.second_beat():
        ground.post("News", 300)
        wait_until(ground.is_drained, seconds=60, what="the mail with two schedulers")
