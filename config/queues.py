"""Which queue each pump listens on, and how the queues are declared on either broker."""

from datetime import timedelta
from typing import Any

from kombu import Exchange, Queue

# Task name -> queue. A lane has a queue of its own, so that a worker reserved for it cannot be taken by another.
ROUTES = {
    "automation.react": {"queue": "react"},
    "automation.advance": {"queue": "advance"},
    "automation.migrate": {"queue": "advance"},
    "automation.schedule": {"queue": "advance"},
    "automation.segments": {"queue": "advance"},
    "webhooks.digest": {"queue": "digest"},
    "webhooks.sweep": {"queue": "digest"},
    "automation.deliver.transactional": {"queue": "deliver.transactional"},
    "automation.deliver.triggered": {"queue": "deliver.triggered"},
    "automation.deliver.bulk": {"queue": "deliver.bulk"},
    "automation.hooks": {"queue": "hooks"},
    "automation.reap": {"queue": "advance"},
    "automation.brake": {"queue": "advance"},
    "automation.warmup": {"queue": "advance"},
    "suppression.take_in": {"queue": "advance"},
    "automation.retain": {"queue": "advance"},
    "webhooks.retain": {"queue": "digest"},
    "suppression.retain": {"queue": "advance"},
}

# The truth of the engine: however many wakes are lost, each pump looks for due rows this often.
# Longer, and a lost wake is felt as delay; much shorter, and an idle system only burns CPU.
HEARTBEAT = timedelta(seconds=2)
# Those that nobody waits for come round more rarely.
SELDOM = {
    "automation.migrate": timedelta(seconds=10),
    "automation.reap": timedelta(seconds=10),
    "automation.brake": timedelta(minutes=1),
    "automation.warmup": timedelta(minutes=1),
    "suppression.take_in": timedelta(seconds=10),
    "webhooks.sweep": timedelta(minutes=1),
    "automation.retain": timedelta(hours=1),
    "webhooks.retain": timedelta(hours=1),
    "suppression.retain": timedelta(hours=1),
}

DEAD = "dead"


def beat_schedule() -> dict[str, dict[str, Any]]:
    """A heartbeat for every pump. A wake older than the next heartbeat is worth nothing, so it expires."""
    every = {name: SELDOM.get(name, HEARTBEAT) for name in ROUTES}
    return {
        name: {
            "task": name,
            "schedule": interval,
            "options": {"expires": max(10.0, interval.total_seconds())},
        }
        for name, interval in every.items()
    }


def queues(broker_url: str) -> list[Queue]:
    """On RabbitMQ: durable quorum queues, whose refused messages go to `dead_letters`; on Redis: plain lists."""
    names = sorted({route["queue"] for route in ROUTES.values()})
    if not is_rabbitmq(broker_url):
        return [Queue(name) for name in names]
    arguments = {"x-queue-type": "quorum", "x-dead-letter-exchange": DEAD}
    return [Queue(name, Exchange("signalpost"), routing_key=name, queue_arguments=arguments) for name in names]


def dead_letters() -> Queue:
    """Where RabbitMQ puts what was refused, or delivered too often. It keeps the last, for an operator to look at."""
    arguments = {"x-queue-type": "quorum", "x-max-length": 1000}
    return Queue(DEAD, Exchange(DEAD, type="fanout"), queue_arguments=arguments)


def is_rabbitmq(broker_url: str) -> bool:
    return broker_url.startswith(("amqp", "pyamqp"))
