"""The connection to Redis: what may be lost lives there (tokens, marks, wakes), and nothing else."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.commands.core import Script

# Redis is asked on the way of every claim: one that does not answer in this time counts as away.
TIMEOUT_S = 0.5


@cache
def client() -> "redis.Redis":
    """This process's client. It may be used by any thread, and reconnects by itself."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


def run_script(source: str, *, keys: Sequence[str], args: Sequence[str | float]) -> Any:
    """Run Lua where the keys are, as one step; what it returns. Raises RedisError."""
    return _registered(client(), source)(keys=keys, args=args)


@cache
def _registered(connection: "redis.Redis", source: str) -> Script:
    return connection.register_script(source)
