"""What segments tell comes into the loop as events of these types."""

from automation.events.models import EventType

ENTERED = "segment.entered"
LEFT = "segment.left"
MEMBERSHIP_TYPES = {
    ENTERED: "The contact has come into the segment.",
    LEFT: "The contact is in the segment no more.",
}

# The key of the segment.
_SCHEMA = {"type": "object", "properties": {"segment": {"type": "string"}}}


def make_membership_types() -> None:
    """Create what is missing. Idempotent."""
    EventType.objects.bulk_create(
        [EventType(name=name, description=words, schema=_SCHEMA) for name, words in MEMBERSHIP_TYPES.items()],
        ignore_conflicts=True,
    )
