"""Tripping: the moves of a circuit breaker, which stands in its account's row. See breaker.py for what it means.

Each is one conditional update by the database's clock: of any number of processes that want to make it, one does.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import Any

import structlog
from django.db import connection

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import EspAccount
from automation.delivery.send import TIMEOUTS_S

log = structlog.get_logger(__name__)

# How long a breaker stays open at first; twice as long after each probe that fails. Shorter costs more probes, each of
# which may end uncertain; longer, and the account stands idle for longer after the ESP has come back.
FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=10)
# How long a probe may take; longer than any call. If its worker dies, the next one may begin after this time.
PROBE = timedelta(seconds=sum(TIMEOUTS_S) + 10)


def trip(account: EspAccount, reason: str) -> None:
    """Open it, unless it has changed since `account` was read. Wakes failover."""
    seconds = _pause(trips=0)
    if _move(_TRIP, [seconds, reason[:200], account.pk, account.open_until]):
        log.warning("breaker_opened", account=account.key, trips=1, seconds=round(seconds), reason=reason)
        wake("automation.reap")


def take_probe(account: EspAccount) -> datetime | None:
    """The right to make one call through a half-open breaker. Whoever has it must end it, by the value returned.

    None: somebody else has it, or the breaker is open or closed by now.
    """
    return _move(_TAKE_PROBE, [PROBE.total_seconds(), account.pk])


def give_back_probe(account: EspAccount, probe: datetime) -> None:
    """No call was made: let somebody else try."""
    _move(_GIVE_BACK, [account.pk, probe])


def trip_again(account: EspAccount, probe: datetime, reason: str) -> None:
    """The probe has failed: open it for longer. Wakes failover, for what has come to wait there meanwhile."""
    seconds = _pause(trips=account.trips)
    if _move(_TRIP_AGAIN, [seconds, reason[:200], account.pk, probe]):
        log.warning(
            "breaker_opened", account=account.key, trips=account.trips + 1, seconds=round(seconds), reason=reason
        )
        wake("automation.reap")


def close(account: EspAccount, probe: datetime) -> datetime | None:
    """The probe has worked: send as usual. Returns since when it is closed, by the database's clock; None: too late."""
    closed_at = _move(_CLOSE, [account.pk, probe])
    if closed_at:
        log.info("breaker_closed", account=account.key, trips=account.trips)
        for lane in Lane:
            wake(lane.pump)
    return closed_at


def _pause(*, trips: int) -> float:
    """In seconds, with jitter: accounts at one ESP do not come back in step."""
    return min(LONGEST, FIRST * 2.0 ** min(trips, 20)).total_seconds() * uniform(0.75, 1.0)  # noqa: S311


def _move(statement: str, params: Sequence[Any]) -> datetime | None:
    """The new `open_until` if it was moved."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        moved = cursor.fetchone()
    return moved[0] if moved else None


_TRIP = """
UPDATE automation_espaccount
SET trips = 1, open_until = statement_timestamp() + make_interval(secs => %s), trip_reason = %s
WHERE id = %s AND trips = 0 AND open_until IS NOT DISTINCT FROM %s::timestamptz
RETURNING open_until
"""
_TAKE_PROBE = """
UPDATE automation_espaccount SET open_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s AND status = 'active' AND trips > 0 AND open_until <= statement_timestamp()
RETURNING open_until
"""
_GIVE_BACK = """
UPDATE automation_espaccount SET open_until = statement_timestamp() WHERE id = %s AND trips > 0 AND open_until = %s
RETURNING open_until
"""
# The number of trips says for how long; past a thousand it says nothing new.
_TRIP_AGAIN = """
UPDATE automation_espaccount
SET trips = LEAST(trips + 1, 1000), open_until = statement_timestamp() + make_interval(secs => %s), trip_reason = %s
WHERE id = %s AND trips > 0 AND open_until = %s
RETURNING open_until
"""
_CLOSE = """
UPDATE automation_espaccount SET trips = 0, open_until = statement_timestamp(), trip_reason = ''
WHERE id = %s AND trips > 0 AND open_until = %s
RETURNING open_until
"""
