"""The question that every message is asked as it is claimed: may this address be mailed about this, now?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from suppression.address import DOMAIN_AT, hashes_asked, hashes_in_key, hashes_of

NO_CONSENT = "no_consent"  # An opt-in is needed, by the topic or the region, or the address's last word was a no.
UNKNOWN_TOPIC = "unknown_topic"  # It was deleted. Nobody can have agreed to it.


class Addressee(NamedTuple):
    """One message's address and topic. Topic None: transactional mail, which passes what is only about marketing.

    `others`: what else may stand under another hash of the address, as `address.hashes_of` gives them after the first.
    """

    address_hash: bytes
    topic_id: int | None
    region: str = ""
    others: tuple[bytes | None, ...] = ()

    @classmethod
    def of(cls, address: str, topic_id: int | None, region: str = "") -> Addressee:
        """Raises InvalidAddress."""
        address_hash, *others = hashes_of(address)
        assert address_hash is not None  # noqa: S101  # `hash_address` is never missing.
        return cls(address_hash, topic_id, region, tuple(others))


class Verdict(NamedTuple):
    """Allowed, or withheld with a `reason` (a `models.Reason`, NO_CONSENT or UNKNOWN_TOPIC); and the row behind it."""

    allowed: bool
    reason: str = ""
    suppression_id: int | None = None
    consent_id: int | None = None  # The last word on this topic, whether or not one is needed.


def check_many(addressees: Sequence[Addressee], *, at: datetime) -> list[Verdict]:
    """One verdict for each addressee, in order, with exactly one statement (none for an empty batch).

    Reads, locks nothing, opens no transaction: called inside the claim's (READ COMMITTED), it sees every opt-out
    committed before it. The widest suppression is the one named, then the oldest. `at` is what expiry is measured
    against.
    """
    if not addressees:
        return []
    columns = _columns(addressees)
    with connection.cursor() as cursor:
        cursor.execute(_statement(hashes_asked(), hashes_in_key()), {**columns, "at": at})
        return [Verdict(not reason, reason, *rows) for reason, *rows in cursor.fetchall()]


def _columns(addressees: Sequence[Addressee]) -> dict[str, list[Any]]:
    hashes, topic_ids, regions, others = zip(*addressees, strict=True)
    columns = {"h0": list(hashes), "topic_ids": list(topic_ids), "regions": list(regions)}
    for n in range(hashes_asked() - 1):
        columns[f"h{n + 1}"] = [each[n] if n < len(each) else None for each in others]
    of_domains = (columns[f"h{n}"] for n in range(hashes_asked()) if n % hashes_in_key() == DOMAIN_AT)
    return columns | {"domains": list({one for column in of_domains for one in column if one})}


@cache
def _statement(asked: int, in_key: int) -> str:
    """For so many hashes of each addressee, of which so many belong to each key."""
    names = [f"h{n}" for n in range(asked)]
    return _CHECK.format(
        arrays=", ".join(f"%({name})b::bytea[]" for name in names),
        names=", ".join(names),
        address_hashes=", ".join(f"asked.{name}" for n, name in enumerate(names) if n % in_key != DOMAIN_AT),
        domain_hashes=", ".join(f"asked.{name}" for n, name in enumerate(names) if n % in_key == DOMAIN_AT),
    )


# LATERAL with LIMIT leaves the planner one sane way, an index probe for each hash, whatever it believes about the size
# of the tables. As plain joins it would hash the whole suppression list when statistics are stale (OFFSET 0 bars that,
# too). 1,000 addressees of 10 million suppressions: `make bench ONLY=suppression`. Many share a domain, so each domain
# is looked up once; none has consented. %b sends lists in binary and saves 5 ms.
# The consent is looked up also where none is needed: the message names it, and a no that came last is obeyed anywhere.
_CHECK = """
WITH of_domain AS MATERIALIZED (
    SELECT s.*
    FROM unnest(%(domains)b::bytea[]) AS domain (hash)
    CROSS JOIN LATERAL (SELECT * FROM suppression_suppression WHERE address_hash = domain.hash OFFSET 0) AS s
)
SELECT CASE
           WHEN suppression.id IS NOT NULL THEN suppression.reason
           WHEN asked.topic_id IS NOT NULL AND topic.id IS NULL THEN 'unknown_topic'
           WHEN consent.decision = 'withdrawn' THEN 'no_consent'
           WHEN consent.id IS NULL AND topic.id IS NOT NULL
                AND (topic.requires_opt_in OR COALESCE(rule.opt_in, policy.is_set)) THEN 'no_consent'
           ELSE ''
       END,
       suppression.id, consent.id
FROM unnest({arrays}, %(topic_ids)b::bigint[], %(regions)b::text[])
     WITH ORDINALITY AS asked ({names}, topic_id, region, position)
CROSS JOIN (SELECT EXISTS (SELECT FROM suppression_regionrule) AS is_set) AS policy
LEFT JOIN suppression_topic AS topic ON topic.id = asked.topic_id
LEFT JOIN LATERAL (
    SELECT id, reason
    FROM (
        SELECT id, reason, scope, topic_id, expires_at FROM suppression_suppression
        WHERE address_hash IN ({address_hashes})
        UNION ALL
        SELECT id, reason, scope, topic_id, expires_at FROM of_domain WHERE address_hash IN ({domain_hashes})
    ) AS s
    WHERE (s.scope = 'all' OR (asked.topic_id IS NOT NULL AND (s.topic_id IS NULL OR s.topic_id = asked.topic_id)))
      AND (s.expires_at IS NULL OR s.expires_at > %(at)s)
    ORDER BY s.scope = 'all' DESC, s.topic_id IS NULL DESC, s.id
    LIMIT 1
) AS suppression ON TRUE
LEFT JOIN LATERAL (
    SELECT id, decision
    FROM suppression_consent AS c
    WHERE topic.id IS NOT NULL AND suppression.id IS NULL
      AND c.address_hash IN ({address_hashes})
      AND (c.topic_id = asked.topic_id OR c.topic_id IS NULL)
    ORDER BY c.at DESC, c.id DESC
    LIMIT 1
) AS consent ON TRUE
LEFT JOIN LATERAL (
    SELECT opt_in
    FROM suppression_regionrule AS r
    WHERE policy.is_set AND topic.id IS NOT NULL AND NOT topic.requires_opt_in AND suppression.id IS NULL
      AND r.region IN (asked.region, split_part(asked.region, '-', 1), '')
    ORDER BY length(r.region) DESC
    LIMIT 1
) AS rule ON TRUE
ORDER BY asked.position
"""
