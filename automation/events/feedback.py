"""What ESPs report comes back into the loop as events of these types."""

from automation.events.models import EventType

FEEDBACK_TYPES = {
    "email.delivered": "The receiving server has taken the mail.",
    "email.deferred": "The receiving server has put the mail off; the ESP will try again.",
    "email.bounced": "The mail came back.",
    "email.complained": "The reader called the mail spam.",
    "email.opened": "The mail was opened, by a person or a machine.",
    "email.clicked": "A link in the mail was followed, by a person or a machine.",
    "email.unsubscribed": "The reader unsubscribed.",
}

_SCHEMA = {
    "type": "object",
    "properties": {
        "message_id": {"type": "string"},
        "flow": {"type": "string"},
        "step": {"type": "string"},
        "template": {"type": "string"},
        "topic": {"type": "string"},
        "reason": {"type": "string"},
        "url": {"type": "string"},
        "machine": {"type": "boolean"},  # Of opens and clicks, as it looked when they were told of.
        "signs": {"type": "array", "items": {"type": "string"}},
    },
}


def make_feedback_types() -> None:
    """Create what is missing. Idempotent."""
    EventType.objects.bulk_create(
        [EventType(name=name, description=description, schema=_SCHEMA) for name, description in FEEDBACK_TYPES.items()],
        ignore_conflicts=True,
    )
