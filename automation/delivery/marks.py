"""Begin marks: which claimed messages' calls may have begun. After a death they tell `queued` from `uncertain`.

A mark belongs to one claim of one message. Whoever sets it first wins: the sender, just before the call, or the
reaper, to forbid the call of a claim that has run out. Marks live in Redis, where they cost a few microseconds each,
and are believed only while nothing can have been lost: `epoch` changes when Redis was restarted or emptied. Where
Redis cannot be asked, the message's own row keeps the mark.
"""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from redis import RedisError

from automation.core.redis import client, run_script
from automation.delivery.models import Message

log = structlog.get_logger(__name__)

# How long a mark stays while its claim is not settled: it bounds what dead workers leave behind. The reaper believes a
# missing mark only of younger claims (BELIEVED).
LIFE = timedelta(hours=6)
BELIEVED = LIFE - timedelta(minutes=10)
# How long it stays after that. PostgreSQL may lose what it has committed: a standby that takes over can be seconds
# behind. Then the message stands there unsent, and its mark alone tells what is true, until its lease runs out or it is
# claimed once more, under the same fence. Each second takes 0.1 MB at 1,000 mails a second.
SETTLED_LIFE = timedelta(seconds=settings.DELIVERY_LEASE_S + 60)
# Each question for the epoch costs Redis as much as ten marks.
RECENT_S = 1.0

# KEYS: marks. ARGV: life, who. Returns for each 1 if it was set now, 0 if someone was first.
_SET_FIRST = """
local won = {}
for i, key in ipairs(KEYS) do
  won[i] = redis.call('SET', key, ARGV[2], 'NX', 'EX', ARGV[1]) and 1 or 0
end
return won
"""

# KEYS: marks. ARGV: life.
_SHORTEN = """
for _, key in ipairs(KEYS) do
  redis.call('EXPIRE', key, ARGV[1])
end
"""

# KEYS: the token. ARGV: what it shall be if there is none, so if the database was emptied. The rest of the answer
# changes when the server was started anew, and when it had no room and dropped keys of its own choice.
_EPOCH = """
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local server, stats = redis.call('INFO', 'server'), redis.call('INFO', 'stats')
return redis.call('GET', KEYS[1]) .. server:match('run_id:%w+') .. stats:match('evicted_keys:%d+')
"""


class Claim(NamedTuple):
    """One claim of one message."""

    message_id: UUID
    fence: int
    epoch: int | None  # As `epoch()` was when it was claimed.


def epoch() -> int | None:
    """A number that stays the same as long as no mark can have been lost. None: Redis is away."""
    try:
        return zlib.crc32(run_script(_EPOCH, keys=["marks:epoch"], args=[token_hex(8)]))
    except RedisError:
        return None


def recent_epoch() -> int | None:
    """`epoch()` as it was within the last second. Good enough to claim with: an outdated one is never believed."""
    return _recent.epoch()


def begin(claims: Sequence[Claim]) -> list[Claim]:
    """Mark that these calls begin now. Returns those that may: the others' claims have run out in the meantime."""
    in_redis = [claim for claim in claims if claim.epoch is not None]
    try:
        won = _set_first(in_redis, "begun")
    except RedisError as error:
        log.warning("marks_in_database", error=type(error).__name__)
        return _begin_in_database(claims)
    in_rows = [claim for claim in claims if claim.epoch is None]
    return [claim for claim, first in zip(in_redis, won, strict=True) if first] + _begin_in_database(in_rows)


def revoke(claims: Sequence[Claim]) -> list[Claim]:
    """Forbid the calls of these claims. Returns those whose calls have surely not begun, and now never will.

    The caller has locked the messages' rows and has seen that their `call_begun` is false.
    """
    now = epoch()
    in_redis = [claim for claim in claims if claim.epoch is not None and claim.epoch == now]
    try:
        won = _set_first(in_redis, "revoked")
    except RedisError:
        won = [False] * len(in_redis)
    if epoch() != now:  # Marks may have been lost before ours were set.
        won = [False] * len(in_redis)
    in_rows = [claim for claim in claims if claim.epoch is None]
    return [claim for claim, first in zip(in_redis, won, strict=True) if first] + in_rows


def settled(claims: Sequence[Claim]) -> None:
    """These claims are settled: nobody should ask for their marks again, unless the database loses that."""
    keys = [_key(claim) for claim in claims if claim.epoch is not None]
    with suppress(RedisError):
        if keys:
            run_script(_SHORTEN, keys=keys, args=[int(SETTLED_LIFE.total_seconds())])


def forget(claims: Sequence[Claim]) -> None:
    """The calls of these claims were withdrawn before they began."""
    keys = [_key(claim) for claim in claims if claim.epoch is not None]
    with suppress(RedisError):
        if keys:
            client().unlink(*keys)


def _begin_in_database(claims: Sequence[Claim]) -> list[Claim]:
    """One conditional update a claim: this is the slow road, taken only while Redis is away."""
    return [
        claim
        for claim in claims
        if Message.objects.filter(pk=claim.message_id, fence=claim.fence, status=Message.Status.SENDING).update(
            call_begun=True
        )
    ]


def _set_first(claims: Sequence[Claim], who: str) -> list[bool]:
    if not claims:
        return []
    return [
        bool(first)
        for first in run_script(
            _SET_FIRST, keys=[_key(claim) for claim in claims], args=[int(LIFE.total_seconds()), who]
        )
    ]


def _key(claim: Claim) -> str:
    return f"mark:{claim.message_id.hex}:{claim.fence}"


class _Recent:
    """The epoch as this process last saw it."""

    def __init__(self) -> None:
        self._seen: tuple[float, int | None] = (float("-inf"), None)

    def epoch(self) -> int | None:
        at, seen = self._seen
        if seen is None or monotonic() - at > RECENT_S:
            seen = epoch()
            self._seen = (monotonic(), seen)
        return seen


_recent = _Recent()
