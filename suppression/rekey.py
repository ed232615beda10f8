"""Rekey: move what is known of addresses from older keys to the current one."""

from collections.abc import Iterable
from itertools import islice

from django.db import connection, transaction

from suppression.address import InvalidAddress, rehashed
from suppression.keys import current_version, old_versions
from suppression.models import Consent, Strike, Suppression

BATCH = 1_000


def rekey(addresses: Iterable[str]) -> int:
    """Move the rows of these addresses and domains ("@example.com"). Returns how many had any but strikes.

    A transaction for each BATCH, so it may be stopped at any time and begun anew: idempotent. What was hashed without
    anybody knowing the address any more stays under its key, which is why an old key is kept.
    """
    moved, rest = 0, iter(addresses)
    while batch := list(islice(rest, BATCH)):
        moved += sum(_move(batch, version) for version in old_versions())
    return moved


def left_behind() -> dict[int, int]:
    """By version of an older key, how many suppressions are still under it. Reads the whole table."""
    current = current_version()
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [current])
        return dict(cursor.fetchall())


def known_addresses() -> Iterable[str]:
    """The plain addresses and domains that stand beside suppressions of older keys."""
    old = Suppression.objects.filter(key_version__in=old_versions()).exclude(address="")
    return old.order_by("pk").values_list("address", flat=True).iterator()


@transaction.atomic
def _move(addresses: list[str], version: int) -> int:
    pairs: dict[bytes, bytes] = {}
    for address in addresses:
        try:
            pairs |= rehashed(address, version)
        except InvalidAddress:  # An address that was never mailable: nothing can stand under it.
            continue
    old, new = list(pairs), list(pairs.values())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalpost.rekeying = 'on'")
        cursor.execute(_MOVE, {"old": old, "new": new, "version": current_version()})
        found: int = cursor.fetchone()[0]
        cursor.execute("SET LOCAL signalpost.rekeying = 'off'")
    return found


# A suppression that stands under both keys becomes one, and the one that lasts longer stays. `moved` is a snapshot, so
# check_many sees either all rows under the old hash or all under the new. Strikes are no reason to remember a hash by,
# since no link leads to them.
_MOVE = f"""
WITH key AS (SELECT * FROM unnest(%(old)b::bytea[], %(new)b::bytea[]) AS key (old, new)),
moved AS (
    DELETE FROM {Suppression._meta.db_table} AS s USING key WHERE s.address_hash = key.old RETURNING s.*, key.new
),
suppressed AS (
    INSERT INTO {Suppression._meta.db_table} AS standing (
        address_hash, key_version, address, topic_id, scope, reason, source, evidence, note, expires_at, created_at
    )
    SELECT new, %(version)s, address, topic_id, scope, reason, source, evidence, note, expires_at, created_at
    FROM moved
    ON CONFLICT (address_hash, topic_id, scope, reason) DO UPDATE SET expires_at = excluded.expires_at
    WHERE COALESCE(standing.expires_at, 'infinity') < COALESCE(excluded.expires_at, 'infinity')
),
consented AS (
    UPDATE {Consent._meta.db_table} AS c SET address_hash = key.new, key_version = %(version)s
    FROM key WHERE c.address_hash = key.old
    RETURNING key.old, key.new
),
forgotten AS (
    DELETE FROM {Strike._meta.db_table} AS s USING key WHERE s.address_hash = key.old RETURNING s.*, key.new
),
struck AS (
    INSERT INTO {Strike._meta.db_table} AS standing (address_hash, reason, mail, at)
    SELECT new, reason, mail, at FROM forgotten
    ON CONFLICT (address_hash, reason, mail) DO UPDATE SET at = excluded.at WHERE excluded.at < standing.at
),
told AS (
    INSERT INTO suppression_rekeyed (old_hash, address_hash)
    SELECT DISTINCT old, new FROM (
        SELECT address_hash AS old, new FROM moved UNION ALL SELECT old, new FROM consented
    ) AS hashes
    ON CONFLICT (old_hash) DO UPDATE SET address_hash = excluded.address_hash
    RETURNING 1
)
SELECT count(*) FROM told
"""  # noqa: S608
_LEFT = f"""
SELECT key_version, count(*) FROM {Suppression._meta.db_table} WHERE key_version <> %s GROUP BY key_version
"""  # noqa: S608
