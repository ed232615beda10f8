"""Yes and no: how an address's word gets into the ledger, and takes effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from suppression.address import hash_address
from suppression.keys import current_version
from suppression.models import Consent, Reason, Rekeyed, Suppression, Topic
from suppression.suppress import Entry, suppress_many
from suppression.tokens import UnsubscribeToken
from suppression.wording import version_of

GRANTED, WITHDRAWN = Consent.Decision.GRANTED, Consent.Decision.WITHDRAWN


class Known(NamedTuple):
    """An address, as far as we know it."""

    address_hash: bytes
    key_version: int

    @classmethod
    def of(cls, address: str) -> Known:
        """Raises InvalidAddress."""
        return cls(hash_address(address), current_version())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How we know what an address has said."""

    source: str  # Who or what told us: a page, a service, an import.
    ip: str | None = None
    user_agent: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A topic, and the words that somebody agreed to."""

    topic: Topic
    wording: str = ""
    purpose: str = ""


@transaction.atomic
def leave(*, who: Known, topic: Topic | None, proof: Proof, at: datetime) -> None:
    """Suppress a topic (None: all marketing) and enter the withdrawal. Idempotent, also when two requests race."""
    topic_id = topic.pk if topic else None
    entry = Entry(
        address_hash=who.address_hash,
        key_version=who.key_version,
        reason=Reason.UNSUBSCRIBED,
        topic_id=topic_id,
        source=proof.source,
        evidence=proof.details,
    )
    suppress_many([entry], at=at)  # First: of two racing requests one waits here, and then sees the other's ledger.
    if not _is_withdrawn(who, topic_id):
        _enter(who, WITHDRAWN, topic, proof, at)


@transaction.atomic
def agree(*, who: Known, agreements: Sequence[Agreement], proof: Proof, at: datetime) -> None:
    """Enter a grant for each, and lift what the address itself once said against them. Idempotent.

    What others have told of it (bounces, complaints, a person's decision) stands. Whoever had left everything has
    still left all other topics, those to come included.
    """
    lock(who)
    _lift(who, [one.topic.pk for one in agreements], at)
    for one in agreements:
        last = Consent.objects.latest_of(who.address_hash, one.topic.pk)
        if last is None or last.decision != GRANTED:
            version = version_of(one.wording) if one.wording else ""
            _enter(who, GRANTED, one.topic, proof, at, purpose=one.purpose, wording_version=version)


def lock(who: Known) -> None:
    """Until the transaction ends, whoever else wants to know what this address says for good waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(who.address_hash[:8], signed=True)])


def whose(token: UnsubscribeToken) -> Known:
    """The address behind a link. An old link's hash may have moved to the current key since."""
    moved = Rekeyed.objects.filter(old_hash=token.address_hash).first()
    return (
        Known(bytes(moved.address_hash), current_version()) if moved else Known(token.address_hash, token.key_version)
    )


def _lift(who: Known, topic_ids: Sequence[int], at: datetime) -> None:
    own = Suppression.objects.filter(address_hash=who.address_hash, reason=Reason.UNSUBSCRIBED)
    everything = own.filter(topic=None).first()
    # An ESP's own link leaves no line in the ledger. Without one, lifting would open all other topics, too.
    if everything and topic_ids and not _is_withdrawn(who, None):
        _enter(who, WITHDRAWN, None, Proof(source=everything.source), min(everything.created_at, at))
    if topic_ids:
        own.filter(topic=None).delete()
        own.filter(topic__in=topic_ids).delete()


def _is_withdrawn(who: Known, topic_id: int | None) -> bool:
    last = Consent.objects.latest_of(who.address_hash, topic_id)
    if last is None or last.decision != WITHDRAWN:
        return False
    return topic_id is not None or last.topic_id is None


def _enter(
    who: Known, decision: Consent.Decision, topic: Topic | None, proof: Proof, at: datetime, **words: str
) -> None:
    Consent.objects.create(
        address_hash=who.address_hash,
        key_version=who.key_version,
        topic=topic,
        decision=decision,
        source=proof.source,
        ip=proof.ip,
        user_agent=proof.user_agent,
        proof=proof.details,
        at=at,
        **words,
    )
