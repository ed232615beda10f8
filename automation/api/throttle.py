"""How many events a key may send in a minute. Counted in Redis; without Redis, nobody is held up."""

import math
from threading import Lock
from time import monotonic, time
from typing import TYPE_CHECKING, NamedTuple

import structlog
from django.conf import settings
from redis import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from automation.api.models import ApiKey
from automation.core.redis import client

if TYPE_CHECKING:  # Settings name this module, and that one imports what settings name.
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)

WINDOW_S = 60
# A process counts events in Redis before they come, so many at a time: this share of the limit, and this many at most.
# More saves questions to Redis; but what one process has counted and not seen is missing to the others.
AHEAD = 1 / 1_000
MOST_AHEAD = 100
# For how long nobody is counted after Redis failed to answer. Shorter, and a Redis that hangs costs many requests its
# time-out; longer, and limits are off for longer than need be.
REST_S = 5.0


class PerKeyThrottle(BaseThrottle):
    """Lets a request in while its key's count for this minute is below API_RATE_PER_MINUTE.

    A batch is let in whole and counted event by event afterwards (`count`), since only reading it tells how many
    there are: so a key may overshoot by one batch a minute.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        key = request.auth
        return not isinstance(key, ApiKey) or count(key, 1) <= settings.API_RATE_PER_MINUTE

    def wait(self) -> float:
        return math.ceil(WINDOW_S - time() % WINDOW_S)


def count(key: ApiKey, events: int) -> int:
    """Add to the key's count for this minute and return it; 0 when Redis is away."""
    return _counts.add(key, events)


class _Counted(NamedTuple):
    name: str  # Of the key and the minute, in Redis.
    total: int
    ahead: int  # Of `total`, how many have not come yet.


class _Counts:
    """This process's view of the counts in Redis."""

    def __init__(self) -> None:
        self._seen: dict[int, _Counted] = {}
        self._ask_again_at = 0.0
        self._lock = Lock()

    def add(self, key: ApiKey, events: int) -> int:
        name = f"throttle:{key.pk}:{int(time()) // WINDOW_S}"
        with self._lock:
            seen = self._seen.get(key.pk)
            if seen and seen.name == name and seen.ahead >= events:
                seen = seen._replace(ahead=seen.ahead - events)
            else:
                ahead = min(MOST_AHEAD, int(settings.API_RATE_PER_MINUTE * AHEAD))
                seen = _Counted(name, self._add_in_redis(name, events + ahead), ahead)
            self._seen[key.pk] = seen
            return max(0, seen.total - seen.ahead)

    def _add_in_redis(self, name: str, events: int) -> int:
        if monotonic() < self._ask_again_at:
            return 0
        try:
            with client().pipeline(transaction=False) as pipeline:
                pipeline.incrby(name, events)
                pipeline.expire(name, 2 * WINDOW_S)
                total, _ = pipeline.execute()
        except RedisError as error:
            self._ask_again_at = monotonic() + REST_S
            log.warning("throttle_off", seconds=REST_S, error=type(error).__name__)
            return 0
        return int(total)


_counts = _Counts()
