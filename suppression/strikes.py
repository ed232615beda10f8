"""Strikes: how many bounces or complaints it takes until an address is suppressed, and counting them until then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from suppression.models import Reason, Strike, Suppression
from suppression.suppress import Entry, suppress_many


class Patience(NamedTuple):
    """What we bear of one kind."""

    times: int = 1  # In a row. 0: any number.
    apart: timedelta = timedelta(0)  # What comes sooner after one that counts does not count.
    over: timedelta = timedelta(0)  # The first and the last that count lie at least so far apart.

    def is_over(self, moments: Sequence[datetime]) -> bool:
        """Whether what happened at these moments, in any order, is enough. Pure."""
        counted: list[datetime] = []
        for moment in sorted(moments):
            if not counted or moment - counted[-1] >= self.apart:
                counted.append(moment)
        return 0 < self.times <= len(counted) and counted[-1] - counted[0] >= self.over


class Offence(NamedTuple):
    """A mail has bounced, or was complained about. `entry` says what is written down if that is enough."""

    entry: Entry
    mail: UUID  # The same however often it is told of this mail.
    at: datetime

    @property
    def key(self) -> tuple[bytes, str]:
        return self.entry.address_hash, self.entry.reason.value


def patience_with(reason: Reason) -> Patience:
    """As the settings have it. What they do not name suppresses at once."""
    times, hours_apart, days = settings.SUPPRESS_AFTER.get(reason.value, (1, 0, 0))
    return Patience(times, timedelta(hours=hours_apart), timedelta(days=days))


@transaction.atomic(savepoint=False)
def strike(offences: Sequence[Offence], delivered: Mapping[bytes, datetime], *, at: datetime) -> list[Suppression]:
    """Suppress the addresses of which that is enough, and remember the rest. Returns the suppressions that are news.

    `delivered`: when each address last took a mail, which forgives all its bounces until then, but no complaint.
    Idempotent, in whatever order things are told. A constant number of statements, and none for nothing.
    """
    bearable = [one for one in offences if patience_with(one.entry.reason).times > 1]
    at_once = [one.entry for one in offences if patience_with(one.entry.reason).times == 1]
    _remember(bearable)
    _forgive(delivered)
    return suppress_many([*at_once, *_enough(bearable)], at=at)


def _remember(offences: Sequence[Offence]) -> None:
    """Of one mail the earliest time stands, so that it does not matter which was told first."""
    earliest = {(*one.key, one.mail): one.at for one in sorted(offences, key=lambda one: one.at, reverse=True)}
    if earliest:
        columns = zip(*((*key, earliest[key]) for key in sorted(earliest)), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_REMEMBER, [list(column) for column in columns])


def _forgive(delivered: Mapping[bytes, datetime]) -> None:
    if delivered:
        hashes = sorted(delivered)
        with connection.cursor() as cursor:
            cursor.execute(_FORGIVE, [hashes, [delivered[address_hash] for address_hash in hashes]])


def _enough(offences: Sequence[Offence]) -> list[Entry]:
    """An entry for each address and reason of `offences` of which that was the last straw. Its strikes are used up."""
    latest = {one.key: one.entry for one in sorted(offences, key=lambda one: one.at)}
    if not latest:
        return []
    strikes = Strike.objects.filter(address_hash__in=[key[0] for key in latest]).order_by("address_hash", "reason")
    entries, used_up = [], []
    for key, group in groupby(strikes, lambda row: (bytes(row.address_hash), row.reason)):
        rows = list(group)
        if key in latest and patience_with(latest[key].reason).is_over([row.at for row in rows]):
            entries.append(_of_many(latest[key], rows))
            used_up += [row.pk for row in rows]
    if used_up:
        Strike.objects.filter(pk__in=used_up).delete()
    return entries


def _of_many(entry: Entry, rows: Sequence[Strike]) -> Entry:
    return replace(
        entry, evidence={**entry.evidence, "times": len(rows), "since": min(row.at for row in rows).isoformat()}
    )


_REMEMBER = """
INSERT INTO suppression_strike AS known (address_hash, reason, mail, at)
SELECT * FROM unnest(%b::bytea[], %s::text[], %s::uuid[], %s::timestamptz[])
ON CONFLICT (address_hash, reason, mail) DO UPDATE SET at = excluded.at WHERE excluded.at < known.at
"""
# Most deliveries find nothing: a look into the index for each.
_FORGIVE = """
DELETE FROM suppression_strike AS strike
USING unnest(%b::bytea[], %s::timestamptz[]) AS delivery (address_hash, at)
WHERE strike.address_hash = delivery.address_hash AND strike.at <= delivery.at AND strike.reason <> 'complaint'
"""
