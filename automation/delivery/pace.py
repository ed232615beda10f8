"""Pace: how many mails an account may send right now. One token bucket an account, in Redis."""

from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import NamedTuple

import structlog
from django.utils import timezone
from redis import RedisError

from automation.core.lanes import Lane
from automation.core.redis import run_script
from automation.delivery.models import EspAccount

log = structlog.get_logger(__name__)

# What a lane must leave in the bucket for those above it, as a share of the burst. Smaller, and a transactional mail
# waits for refill behind a broadcast; larger, and a broadcast alone cannot use the whole burst.
RESERVE = {Lane.TRANSACTIONAL: 0.0, Lane.TRIGGERED: 0.1, Lane.BULK: 0.25}
# How much of the rate flows in. The ESP counts calls when they arrive, up to 0.2 s after their tokens were granted;
# with so much less in 10 s, it sees no more than the rate and the burst in any 10 s. Larger, and it may refuse a few.
STEADY = 0.98
# While Redis is away each process paces itself, at this share of the account's rate: slow rather than open, since
# processes cannot see each other then.
ALONE = 0.1

# KEYS: bucket. ARGV: wanted (negative gives back), rate a second, burst, reserve. Returns tokens granted, and for how
# many milliseconds there is none. A bucket that was never seen is full. Redis' own clock refills it: workers' differ.
# `at`: up to when it was refilled. A closed bucket is refilled from its opening on, so that a pause ends in no burst.
_TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1e6
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'closed_until')
local wanted, rate, burst, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, now - (tonumber(bucket[2]) or now)) * rate)
local granted, opens = 0, math.max(now, tonumber(bucket[3]) or 0)
if wanted < 0 then
  tokens = math.min(burst, tokens - wanted)
elseif opens == now then
  granted = math.max(0, math.min(wanted, math.floor(tokens - reserve)))
  tokens = tokens - granted
end
local wait = opens - now + math.max(0, (1 + reserve - tokens) / rate)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', opens))
redis.call('EXPIRE', KEYS[1], 86400)
return {granted, math.ceil(wait * 1000)}
"""
# KEYS: bucket. ARGV: seconds to stay closed. Never shortens what an earlier answer asked for.
_CLOSE = """
local now = redis.call('TIME')
local till = string.format('%.6f', now[1] + now[2] / 1e6 + tonumber(ARGV[1]))
if tonumber(till) > (tonumber(redis.call('HGET', KEYS[1], 'closed_until')) or 0) then
  redis.call('HSET', KEYS[1], 'tokens', '0', 'at', till, 'closed_until', till)
end
redis.call('EXPIRE', KEYS[1], 86400)
"""


class Grant(NamedTuple):
    tokens: int
    next_in_s: float  # When there will be another.


def take(account: EspAccount, lane: Lane, wanted: int) -> Grant:
    """Take up to `wanted` tokens. Without Redis: a few, from a bucket of this process's own."""
    rate, burst = STEADY * account.rate_limit, max(1, account.burst)
    reserve = min(burst - 1, RESERVE[lane] * burst)
    try:
        granted, wait_ms = run_script(_TAKE, keys=[_key(account)], args=[wanted, rate, burst, reserve])
        return Grant(granted, wait_ms / 1000)
    except RedisError as error:
        log.warning("pacing_alone", account=account.key, error=type(error).__name__)
        return _alone.take(account, wanted)


def give_back(account: EspAccount, unused: int) -> None:
    """Return tokens that were taken and not needed."""
    if unused > 0:
        rate, burst = STEADY * account.rate_limit, max(1, account.burst)
        with suppress(RedisError):  # They are refilled in time.
            run_script(_TAKE, keys=[_key(account)], args=[-unused, rate, burst, 0])


def close(account: EspAccount, until: datetime) -> None:
    """Grant nothing before `until`: the ESP has asked for a pause."""
    pause = max(timedelta(0), until - timezone.now()).total_seconds()
    with suppress(RedisError):  # Each message's own due_at still keeps the pause.
        run_script(_CLOSE, keys=[_key(account)], args=[pause])


def _key(account: EspAccount) -> str:
    return f"bucket:{account.pk}"


class _Alone:
    """The buckets of this process, for when Redis is away."""

    def __init__(self) -> None:
        self._buckets: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, account: EspAccount, wanted: int) -> Grant:
        with self._lock:
            now, rate = monotonic(), account.rate_limit * ALONE
            tokens, at = self._buckets.get(account.pk, (1.0, now))
            tokens = min(max(1.0, rate), tokens + (now - at) * rate)
            granted = min(wanted, int(tokens))
            self._buckets[account.pk] = (tokens - granted, now)
            return Grant(granted, max(0.0, 1 - tokens + granted) / rate)


_alone = _Alone()
