"""The question that every message is asked as it is claimed: may this address be mailed about this, now?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

NO_CONSENT = "no_consent"  # The topic requires an opt-in, and the address's last word is not a grant.
UNKNOWN_TOPIC = "unknown_topic"  # It was deleted. Nobody can have agreed to it.


class Addressee(NamedTuple):
    """One message's address and topic. Topic None: transactional mail, which passes what is only about marketing."""

    address_hash: bytes
    topic_id: int | None


class Verdict(NamedTuple):
    """Allowed, or withheld with a `reason` (a `models.Reason`, NO_CONSENT or UNKNOWN_TOPIC); and the row behind it."""

    allowed: bool
    reason: str = ""
    suppression_id: int | None = None
    consent_id: int | None = None


def check_many(addressees: Sequence[Addressee], *, at: datetime) -> list[Verdict]:
    """One verdict for each addressee, in order, with exactly one statement (none for an empty batch).

    Reads, locks nothing, opens no transaction: called inside the claim's (READ COMMITTED), it sees every opt-out
    committed before it. The widest suppression is the one named, then the oldest. `at` is what expiry is measured
    against.
    """
    if not addressees:
        return []
    with connection.cursor() as cursor:
        hashes, topic_ids = zip(*addressees, strict=True)
        cursor.execute(_CHECK, {"hashes": list(hashes), "topic_ids": list(topic_ids), "at": at})
        return [Verdict(not reason, reason, *rows) for reason, *rows in cursor.fetchall()]


# LATERAL with LIMIT leaves the planner one sane way, an index probe for each addressee, whatever it believes about
# the size of the tables. As plain joins it would hash the whole suppression list when statistics are stale.
# 1,000 addressees, a million suppressions and as many grants: 13 ms. %b sends the hashes in binary and saves 3 ms.
_CHECK = """
SELECT CASE
           WHEN suppression.id IS NOT NULL THEN suppression.reason
           WHEN asked.topic_id IS NOT NULL AND topic.id IS NULL THEN 'unknown_topic'
           WHEN topic.requires_opt_in AND consent.decision IS DISTINCT FROM 'granted' THEN 'no_consent'
           ELSE ''
       END,
       suppression.id, consent.id
FROM unnest(%(hashes)b::bytea[], %(topic_ids)s::bigint[]) WITH ORDINALITY AS asked (address_hash, topic_id, position)
LEFT JOIN suppression_topic AS topic ON topic.id = asked.topic_id
LEFT JOIN LATERAL (
    SELECT id, reason
    FROM suppression_suppression AS s
    WHERE s.address_hash = asked.address_hash
      AND (s.scope = 'all' OR (asked.topic_id IS NOT NULL AND (s.topic_id IS NULL OR s.topic_id = asked.topic_id)))
      AND (s.expires_at IS NULL OR s.expires_at > %(at)s)
    ORDER BY s.scope = 'all' DESC, s.topic_id IS NULL DESC, s.id
    LIMIT 1
) AS suppression ON TRUE
LEFT JOIN LATERAL (
    SELECT id, decision
    FROM suppression_consent AS c
    WHERE topic.requires_opt_in AND suppression.id IS NULL
      AND c.address_hash = asked.address_hash
      AND (c.topic_id = asked.topic_id OR c.topic_id IS NULL)
    ORDER BY c.at DESC, c.id DESC
    LIMIT 1
) AS consent ON TRUE
ORDER BY asked.position
"""
