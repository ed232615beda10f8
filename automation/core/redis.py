"""The connection to Redis: what may be lost lives there (tokens, marks, wakes), and nothing else."""

from functools import cache

import redis
from django.conf import settings

# Redis is asked on the way of every claim: one that does not answer in this time counts as away.
TIMEOUT_S = 0.5


@cache
def client() -> "redis.Redis":
    """This process's client. It may be used by any thread, and reconnects by itself."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
