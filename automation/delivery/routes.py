"""Routes: through which account a message goes."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from automation.core.lanes import Lane


class Mail(NamedTuple):
    """What of a message decides on its route."""

    lane: str
    topic_id: int | None
    sender_id: int
    region: str  # The contact's. Empty: not known.


class RouteRow(NamedTuple):
    """A route as it is asked. An empty criterion fits everything."""

    account_id: int
    lane: str = ""
    topic_id: int | None = None
    sender_id: int | None = None
    region: str = ""  # “US” fits US-CA, too.

    def fits(self, mail: Mail) -> bool:
        return (
            self.lane in ("", mail.lane)
            and self.topic_id in (None, mail.topic_id)
            and self.sender_id in (None, mail.sender_id)
            and (not self.region or f"{mail.region}-".startswith(f"{self.region}-"))
        )


class Routing(NamedTuple):
    """The routes in their order, and for each of their accounts how many messages it may be given now."""

    routes: Sequence[RouteRow]
    room: dict[int, float]  # None (paused, breaker open), 1 (the breaker wants to try one), or infinity.

    def choose(self, mail: Mail) -> int | None:
        """The account of the first route that fits and has room; if none has, of the first that fits. Pure.

        None: no route fits, so it goes through its sender's own account.
        """
        fitting = [route.account_id for route in self.routes if route.fits(mail)]
        return next((account for account in fitting if self.room[account]), fitting[0] if fitting else None)

    def reach(self, mail: Mail) -> list[int]:
        """All accounts that routes may lead it to, now or by failover; the one that is chosen now comes first. Pure."""
        fitting = dict.fromkeys(route.account_id for route in self.routes if route.fits(mail))
        now = self.choose(mail)
        return sorted(fitting, key=lambda account: account != now)

    def give(self, account: int) -> None:
        """It was given a message to send."""
        if account in self.room:
            self.room[account] = max(0.0, self.room[account] - 1)


NO_ROUTES = Routing((), {})


def read_routing() -> Routing:
    """The routes and their accounts as they are now. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"lanes": Lane.values})
        rows = cursor.fetchall()
    return Routing([RouteRow(*row[:5]) for row in rows], {row[0]: row[5] for row in rows})


# An account whose breaker wants to try one message is given one if none is waiting there. Without, it would never be
# tried again once all of its mail has gone elsewhere.
_READ = """
SELECT route.account_id, route.lane, route.topic_id, route.sender_id, route.region, CASE
    WHEN account.status <> 'active' OR account.open_until > statement_timestamp() THEN 0
    WHEN account.trips = 0 THEN 'Infinity'::float8
    WHEN EXISTS (
        SELECT FROM automation_message AS m
        WHERE m.account_id = account.id AND m.lane = ANY(%(lanes)s::text[]) AND m.status = 'queued'
          AND m.due_at <= statement_timestamp()
    ) THEN 0
    ELSE 1
END
FROM automation_route AS route JOIN automation_espaccount AS account ON account.id = route.account_id
ORDER BY route.position, route.id
"""
