"""Feedback: what became of a message goes back into the loop, as an event of its contact."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from automation.core.json import JsonObject
from automation.delivery.standing import Standing, find_standings
from automation.events.ingest import NewEvent, Receipt, ingest
from suppression.models import Reason, Suppression

NAMESPACE = uuid5(NAMESPACE_URL, "signalpost:feedback")


class Feedback(NamedTuple):
    """Something that happened to a message."""

    id: UUID  # The same whenever the same is told again.
    type: str  # One of events.feedback.FEEDBACK_TYPES.
    message: Standing
    occurred_at: datetime
    metadata: Mapping[str, str]
    reason: str = ""
    url: str = ""
    signs: Sequence[str] | None = None  # Of opens and clicks: what tells a machine; none of them: a person.


def emit(feedback: Sequence[Feedback], *, at: datetime) -> list[Receipt | None]:
    """Ingest each as an event of the message's contact. Returns their receipts, in order; None: the contact was erased.

    Idempotent by id. A constant number of statements.
    """
    events = [_event(one) for one in feedback if one.message.contact_id]
    receipts = iter(ingest(events=events, at=at) if events else ())
    return [next(receipts) if one.message.contact_id else None for one in feedback]


def emit_unsubscribes(suppressions: Sequence[Suppression], *, at: datetime) -> None:
    """Tell of those who left by a message of ours, whichever way they took: our page, one click, the ESP's link.

    A constant number of statements.
    """
    left = {
        UUID(row.evidence["message_id"]): row
        for row in suppressions
        if row.reason == Reason.UNSUBSCRIBED and "message_id" in row.evidence
    }
    if left:
        emit([_unsubscribed(message, left[message.id]) for message in find_standings(left)], at=at)


def _unsubscribed(message: Standing, suppression: Suppression) -> Feedback:
    told_at = suppression.created_at
    event_id = uuid5(NAMESPACE, f"unsubscribed:{suppression.pk}:{told_at.isoformat()}")
    return Feedback(event_id, "email.unsubscribed", message, told_at, {"source": suppression.source})


def _event(one: Feedback) -> NewEvent:
    message = one.message
    facts = {
        "message_id": str(message.id),
        "flow": message.flow_key,
        "step": message.step_key,
        "template": message.template_key,
        "topic": message.topic_key,
        "reason": one.reason,
        "url": one.url,
    }
    payload: JsonObject = {name: value for name, value in facts.items() if value}
    if one.signs is not None:
        payload |= {"machine": bool(one.signs), "signs": list(one.signs)}
    return NewEvent(
        id=one.id,
        event_type=one.type,
        contact_id=message.contact_id,
        occurred_at=one.occurred_at,
        payload=payload,
        metadata=dict(one.metadata),
    )
