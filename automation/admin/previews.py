"""A message as the reader got it, or would get it: rendered again from what was pinned, never stored."""

from dataclasses import dataclass

from automation.delivery.email import NotFitToSend, build
from automation.delivery.envelope import Envelope, From
from automation.delivery.models import Message
from suppression.address import InvalidAddress, hash_address
from templates_app.faults import RenderFailed


@dataclass(frozen=True, slots=True)
class Preview:
    """Either `trouble` says why there is nothing to see, or the rest is what the ESP was or will be given."""

    sender: str = ""
    reply_to: str = ""
    to: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    trouble: str = ""


def preview(message: Message) -> Preview:
    """Render `message` with its pinned template version and values, and its sender as it is now. Writes nothing."""
    if message.reason.startswith("missing_value"):
        return Preview(trouble="There is no mail: a value that the template needs was missing.")
    try:
        email = build(_envelope(message))
    except (InvalidAddress, NotFitToSend, RenderFailed) as error:
        return Preview(trouble=f"There is no mail. {error}")
    html = next((str(content) for content, kind in email.alternatives if kind == "text/html"), "")
    return Preview(
        sender=str(email.from_email),
        reply_to=", ".join(email.reply_to),
        to=message.to_email,
        subject=str(email.subject),
        text=str(email.body),
        html=html,
    )


def _envelope(message: Message) -> Envelope:
    """As a claim would make it, but of a message that nobody has claimed."""
    return Envelope(
        message_id=message.pk,
        to_email=message.to_email,
        address_hash=hash_address(message.to_email),
        sender=From(*(getattr(message.sender, name) for name in From._fields)),
        version=message.template_version,
        language=message.language,
        values=message.values,
        topic_id=message.topic_id,
        topic_key=message.topic.key if message.topic else None,
    )
