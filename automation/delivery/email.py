"""From an envelope to the email that Anymail hands over. The same message gives the same bytes at any time."""

from email.utils import quote

from anymail.message import AnymailMessage
from django.conf import settings

from automation.delivery.envelope import Envelope, From
from suppression.links import preferences_url, unsubscribe_headers, unsubscribe_url
from suppression.tokens import make_token
from templates_app.engine import CONTROL
from templates_app.render import render

# What the ESP gives back to us in its webhooks.
MESSAGE_ID = "message_id"


class NotFitToSend(Exception):
    """This message can never be built; the text says why and holds no personal data."""


def build(envelope: Envelope) -> AnymailMessage:
    """Render the message and address it. Pure. Raises NotFitToSend, or RenderFailed of templates_app."""
    values = {
        **envelope.values,
        "message_id": str(envelope.message_id),
        "postal_address": envelope.sender.postal_address,
        "unsubscribe_url": "",
        "preferences_url": "",
    }
    headers = {}
    if envelope.topic_key is not None:
        token = make_token(
            address_hash=envelope.address_hash, topic_id=envelope.topic_id, message_id=envelope.message_id
        )
        values["unsubscribe_url"] = unsubscribe_url(token=token, public_url=settings.PUBLIC_URL)
        values["preferences_url"] = preferences_url(token=token, public_url=settings.PUBLIC_URL)
        headers = unsubscribe_headers(token=token, public_url=settings.PUBLIC_URL, topic_key=envelope.topic_key)
    rendering = render(version=envelope.version, language=envelope.language, values=values)
    email = AnymailMessage(
        subject=rendering.subject,
        body=rendering.text,
        from_email=_from(envelope.sender),
        to=[envelope.to_email],
        reply_to=[envelope.sender.reply_to] if envelope.sender.reply_to else None,
        headers=headers,
        metadata={MESSAGE_ID: str(envelope.message_id)},
    )
    _refuse_control_characters(email)
    if rendering.html:
        email.attach_alternative(rendering.html, "text/html")
    return email


def _from(sender: From) -> str:
    """Not encoded, unlike by `formataddr`: ESPs take names in Unicode, and would show an encoded word as it stands."""
    return f'"{quote(sender.name)}" <{sender.email}>' if sender.name else sender.email


def _refuse_control_characters(email: AnymailMessage) -> None:
    """Of all that becomes a header. A line break in one begins another, and most of Anymail's backends let it pass."""
    headers = {
        "Subject": email.subject,
        "From": email.from_email,
        "To": "".join(email.to),
        "Reply-To": "".join(email.reply_to),
        **email.extra_headers,
    }
    for name, value in headers.items():
        if CONTROL.search(value):
            raise NotFitToSend(f"There is a control character in {name}.")
