"""The status of a message, as a label."""

from django.utils.safestring import SafeString

from automation.admin.tables import label
from automation.delivery.models import Message

Status = Message.Status

COLOURS: dict[str, str] = {
    Status.HELD: "",
    Status.QUEUED: "info",
    Status.SENDING: "info",
    Status.UNCERTAIN: "warning",
    Status.SENT: "success",
    Status.DELIVERED: "success",
    Status.BOUNCED: "danger",
    Status.COMPLAINED: "danger",
    Status.WITHHELD: "",
    Status.FAILED: "danger",
}


def status_label(message: Message, text: object = None) -> SafeString:
    """`text`: what it says, if not just the status."""
    return label(message.status if text is None else text, COLOURS[message.status])
