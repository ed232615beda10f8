"""A person leaves a topic, or all marketing."""

from datetime import datetime

from suppression.ledger import Proof, leave, whose
from suppression.models import Topic
from suppression.tokens import UnsubscribeToken


def unsubscribe(
    *, token: UnsubscribeToken, everything: bool, source: str, ip: str | None, user_agent: str, at: datetime
) -> Topic | None:
    """Suppress and enter the withdrawal in the consent ledger. Returns the topic that was left, None: all of them.

    Idempotent, also when two requests race. A token without a topic, or whose topic is gone, leaves everything:
    that is the safe reading of a wish to leave.
    """
    topic = None if everything else topic_of(token)
    details = {"message_id": str(token.message_id)}
    proof = Proof(source=source, ip=ip, user_agent=user_agent, details=details)
    leave(who=whose(token), topic=topic, proof=proof, at=at)
    return topic


def topic_of(token: UnsubscribeToken) -> Topic | None:
    return Topic.objects.filter(pk=token.topic_id).first() if token.topic_id else None
