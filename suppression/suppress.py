"""Writing down that addresses must not be mailed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from suppression.keys import current_version
from suppression.models import Reason, Scope, Suppression
from suppression.signals import announce

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One address to suppress, and why.

    An unsubscribe or erasure reaches as far as marketing, everything else all mail, unless `scope` says otherwise.
    """

    address_hash: bytes
    reason: Reason
    source: str
    topic_id: int | None = None
    scope: Scope | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    expires_at: datetime | None = None
    key_version: int | None = None  # None: the current key's, as almost always.
    address: str = ""  # Its plain text, or "@" and the domain, where it is known.

    @property
    def kept_address(self) -> str:
        """A domain says nothing about a person."""
        return self.address if self.address.startswith("@") or settings.SUPPRESSION_KEEP_ADDRESS else ""

    @property
    def reach(self) -> Scope:
        if self.scope is not None:
            return self.scope
        about_marketing = self.reason in {Reason.UNSUBSCRIBED, Reason.ERASED} or self.topic_id is not None
        return Scope.MARKETING if about_marketing else Scope.ALL

    @property
    def key(self) -> tuple[bytes, int, str, str]:
        """What may stand only once: the columns of the constraint `suppression_once`."""
        return self.address_hash, self.topic_id or 0, self.reach, self.reason


@transaction.atomic(savepoint=False)
def suppress_many(entries: Sequence[Entry], *, at: datetime) -> list[Suppression]:
    """Store the entries with one statement and tell `address_suppressed`. Returns the rows that are news.

    Idempotent: what stands already is left as it was first told, unless the new entry lasts longer. Nothing ever
    shortens a suppression.
    """
    lasting = _longest_lasting(entries)
    if not lasting:
        return []
    news = list(Suppression.objects.raw(_INSERT, _columns(lasting, at)))
    announce(news)
    return news


def _longest_lasting(entries: Sequence[Entry]) -> list[Entry]:
    """One entry for each key, since one statement may not touch a row twice; sorted, so that two callers cannot
    deadlock."""
    best: dict[tuple[bytes, int, str, str], Entry] = {}
    for entry in entries:
        other = best.get(entry.key)
        if other is None or (entry.expires_at or _NEVER) > (other.expires_at or _NEVER):
            best[entry.key] = entry
    return [best[key] for key in sorted(best)]


def _columns(entries: list[Entry], at: datetime) -> dict[str, Any]:
    return {
        "address_hash": [entry.address_hash for entry in entries],
        "topic_id": [entry.topic_id for entry in entries],
        "scope": [entry.reach.value for entry in entries],
        "reason": [entry.reason.value for entry in entries],
        "source": [entry.source for entry in entries],
        "evidence": [json.dumps(entry.evidence) for entry in entries],
        "note": [entry.note for entry in entries],
        "expires_at": [entry.expires_at for entry in entries],
        "key_version": [entry.key_version or current_version() for entry in entries],
        "address": [entry.kept_address for entry in entries],
        "at": at,
    }


_INSERT = """
INSERT INTO suppression_suppression AS standing (
    address_hash, key_version, topic_id, scope, reason, source, evidence, note, expires_at, created_at,
    address
)
SELECT new.address_hash, new.key_version, new.topic_id, new.scope, new.reason,
       new.source, new.evidence::jsonb, new.note, new.expires_at, %(at)s,
       new.address
FROM unnest(
    %(address_hash)s::bytea[], %(topic_id)s::bigint[], %(scope)s::text[], %(reason)s::text[],
    %(source)s::text[], %(evidence)s::text[], %(note)s::text[], %(expires_at)s::timestamptz[],
    %(address)s::text[], %(key_version)s::smallint[]
) AS new (address_hash, topic_id, scope, reason, source, evidence, note, expires_at, address, key_version)
ON CONFLICT (address_hash, topic_id, scope, reason) DO UPDATE
SET source = excluded.source, evidence = excluded.evidence, note = excluded.note,
    expires_at = excluded.expires_at, created_at = excluded.created_at
WHERE COALESCE(standing.expires_at, 'infinity') < COALESCE(excluded.expires_at, 'infinity')
RETURNING *
"""
