"""Reroute: what waits at an account that cannot send moves to the next that its routes name. Failover, in short."""

from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from automation.core import sql
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import EspAccount, Message
from automation.delivery.routes import NO_ROUTES, Mail, Routing, read_routing

log = structlog.get_logger(__name__)

# Moved in one transaction. Larger, and claims of the same rows are turned away for longer.
BATCH = 500
# A look that found nothing is not repeated for so many times as long as it took, unless an account or a route has
# changed: of a million messages that have no other route, it takes seconds. Smaller, and the database is busy with it;
# larger, and what comes to wait among those a moment later moves on later.
REST = 100


class _Stuck(NamedTuple):
    """A message that waits at an account that cannot send."""

    id: UUID
    topic_id: int | None
    sender_id: int
    region: str
    due_at: datetime
    attempts: int


@transaction.atomic
def reroute(*, limit: int = BATCH) -> int:
    """Move up to `limit` queued messages to accounts that can send, higher lanes first. Returns how many.

    Only what surely has not been taken moves: never a message that an earlier attempt may have delivered, since only
    the ESP of that attempt can tell, and only there does its idempotency key hold (promise P2). Its attempts still
    count. Without a route that leads elsewhere nothing moves. A constant number of statements; of racing callers, each
    row is moved by one.
    """
    accounts = list(EspAccount.objects.stopped().values_list("pk", flat=True))
    routing = read_routing() if accounts else NO_ROUTES
    able = [account for account, room in routing.room.items() if room]
    for lane in Lane if able else ():
        if stuck := _look(lane, accounts, able, routing, limit):
            return _move(stuck, lane, routing)
    return 0


def _look(lane: Lane, accounts: list[int], able: list[int], routing: Routing, limit: int) -> list[_Stuck]:
    """What waits in this lane at these accounts and may go through one of those that are able; locked."""
    question = (accounts, able, routing.routes)
    asked, rests_until = _fruitless.get(lane, (None, 0.0))
    began = monotonic()
    if question == asked and began < rests_until:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_STUCK, {"lane": lane.value, "accounts": accounts, "able": able, "limit": limit})
        stuck = [_Stuck(*row) for row in cursor.fetchall()]
    if not stuck:
        now = monotonic()
        _fruitless[lane] = question, now + REST * (now - began)
    return stuck


_fruitless: dict[Lane, tuple[object, float]] = {}  # The last question that found nothing, and until when it rests.


def _move(stuck: Sequence[_Stuck], lane: Lane, routing: Routing) -> int:
    at = timezone.now()
    moves = []
    for one in stuck:
        account = routing.choose(Mail(lane, one.topic_id, one.sender_id, one.region))
        if account is not None and routing.room[account]:
            routing.give(account)
            # A pause between attempts was for the sake of the old account.
            due_at = min(one.due_at, at) if one.attempts else one.due_at
            moves.append({"id": one.id, "account_id": account, "due_at": due_at})
    sql.update(Message, moves)
    log.info("messages_rerouted", messages=len(moves), lane=lane.value)
    wake(lane.pump)
    return len(moves)


# As RouteRow.fits, in SQL.
FITS = """
    route.lane IN ('', m.lane)
    AND (route.topic_id IS NULL OR route.topic_id = m.topic_id)
    AND (route.sender_id IS NULL OR route.sender_id = m.sender_id)
    AND (route.region = '' OR starts_with(contact.region || '-', route.region || '-'))
"""
# Whatever this finds has a route to an account that can send, so each call moves something. Read in the order of the
# index message_due; but for OFFSET 0, the planner would join and sort all that waits there, for fear of finding little.
_LOCK_STUCK = f"""
SELECT stuck.id, stuck.topic_id, stuck.sender_id, stuck.region, stuck.due_at, stuck.attempts
FROM unnest(%(accounts)s::bigint[]) AS account (id)
CROSS JOIN LATERAL (
    SELECT m.id, m.topic_id, m.sender_id, COALESCE(contact.region, '') AS region, m.due_at, m.attempts
    FROM automation_message AS m LEFT JOIN automation_contact AS contact ON contact.id = m.contact_id
    WHERE m.account_id = account.id AND m.lane = %(lane)s AND m.status = 'queued'
      AND m.uncertain_at IS NULL AND m.resent_at IS NULL
      AND EXISTS (
        SELECT FROM automation_route AS route WHERE route.account_id = ANY(%(able)s::bigint[]) AND {FITS}
        OFFSET 0
      )
    ORDER BY m.due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF m SKIP LOCKED
) AS stuck
LIMIT %(limit)s
"""  # noqa: S608
