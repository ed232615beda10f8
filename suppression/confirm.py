"""Double opt-in: somebody asks for a topic, a mail asks back, and only who reads that mail can confirm."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from suppression.ledger import Agreement, Proof, agree, whose
from suppression.models import ConfirmationRequest, Topic
from suppression.tokens import UnsubscribeToken
from suppression.unsubscribe import topic_of

# One confirmation mail an address in this time, whoever asks for it: else a form of ours could be used to flood it.
AT_MOST_EVERY = timedelta(hours=24)


def may_ask(*, address_hash: bytes, topic: Topic, message_id: UUID, proof: Proof, at: datetime) -> bool:
    """Whether the caller may mail this address now, and nobody else for AT_MOST_EVERY: of racing callers one is let.

    Joins the caller's transaction: if that is rolled back, nobody was asked.
    """
    details = {"source": proof.source, "ip": proof.ip, "user_agent": proof.user_agent, **proof.details}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [address_hash, message_id, topic.pk, json.dumps(details), at, at - AT_MOST_EVERY])
        return cursor.fetchone() is not None


def confirm(*, token: UnsubscribeToken, wording: str, proof: Proof, at: datetime) -> Topic | None:
    """Enter the grant, with how it was asked for in its proof. Returns its topic; None: it is gone. Idempotent."""
    topic = topic_of(token)
    if topic is None:
        return None
    asked = ConfirmationRequest.objects.filter(address_hash=token.address_hash, message_id=token.message_id).first()
    request = {"asked_at": asked.asked_at.isoformat(), **asked.details} if asked else {}
    details = {"message_id": str(token.message_id), "request": request, **proof.details}
    agree(
        who=whose(token),
        agreements=[Agreement(topic=topic, wording=wording, purpose=topic.name)],
        proof=Proof(source=proof.source, ip=proof.ip, user_agent=proof.user_agent, details=details),
        at=at,
    )
    return topic


# The row's lock makes a second caller wait, and it then sees the first one's time.
_ASK = f"""
INSERT INTO {ConfirmationRequest._meta.db_table} AS last (address_hash, message_id, topic_id, details, asked_at)
VALUES (%b, %s, %s, %s::jsonb, %s)
ON CONFLICT (address_hash) DO UPDATE
SET message_id = excluded.message_id, topic_id = excluded.topic_id, details = excluded.details,
    asked_at = excluded.asked_at
WHERE last.asked_at <= %s
RETURNING 1
"""  # noqa: S608
