"""A message as the reader got it, or would get it: rendered again from what was pinned, never stored."""

from dataclasses import dataclass

from django.db.models import F

from automation.delivery.email import NotFitToSend, build
from automation.delivery.envelope import envelopes
from automation.delivery.models import Message
from suppression.address import InvalidAddress, hash_address
from suppression.policy import Addressee
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
    """Render `message` with its pinned template version and values. Three statements at most; nothing is written."""
    if message.reason.startswith("missing_value"):
        return Preview(trouble="There is no mail: a value that the template needs was missing.")
    message = Message.objects.annotate(topic_key=F("topic__key")).get(pk=message.pk)
    try:
        addressee = Addressee(hash_address(message.to_email), message.topic_id)
        [envelope] = envelopes([message], {message: addressee})
        email = build(envelope)
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
