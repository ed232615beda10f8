"""A person leaves a topic, or all marketing."""

from datetime import datetime

from django.db import transaction

from suppression.models import Consent, Reason, Topic
from suppression.suppress import Entry, suppress_many
from suppression.tokens import UnsubscribeToken


@transaction.atomic
def unsubscribe(
    *, token: UnsubscribeToken, everything: bool, source: str, ip: str | None, user_agent: str, at: datetime
) -> Topic | None:
    """Suppress and enter the withdrawal in the consent ledger. Returns the topic that was left, None: all of them.

    Idempotent, also when two requests race. A token without a topic, or whose topic is gone, leaves everything:
    that is the safe reading of a wish to leave.
    """
    topic = None if everything else topic_of(token)
    topic_id = topic.pk if topic else None
    entry = Entry(
        address_hash=token.address_hash,
        reason=Reason.UNSUBSCRIBED,
        topic_id=topic_id,
        source=source,
        evidence={"message_id": str(token.message_id)},
    )
    suppress_many([entry], at=at)  # First: of two racing requests one waits here, and then sees the other's ledger.
    if not _is_withdrawn(token.address_hash, topic_id):
        Consent.objects.create(
            address_hash=token.address_hash,
            topic=topic,
            decision=Consent.Decision.WITHDRAWN,
            source=source,
            ip=ip,
            user_agent=user_agent,
            proof={"message_id": str(token.message_id)},
            at=at,
        )
    return topic


def topic_of(token: UnsubscribeToken) -> Topic | None:
    return Topic.objects.filter(pk=token.topic_id).first() if token.topic_id else None


def _is_withdrawn(address_hash: bytes, topic_id: int | None) -> bool:
    last = Consent.objects.latest_of(address_hash, topic_id)
    if last is None or last.decision != Consent.Decision.WITHDRAWN:
        return False
    return topic_id is not None or last.topic_id is None
