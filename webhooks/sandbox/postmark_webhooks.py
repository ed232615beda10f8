"""What Postmark's webhooks look like: https://postmarkapp.com/developer/webhooks/webhooks-overview."""

import uuid
from typing import Any

import msgspec

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.clock import now_iso
from webhooks.sandbox.mail import Event, Mail

SERVER_ID = 23  # Any will do: Signalpost reads none.
READER: dict[str, Any] = {
    "Client": {"Name": "Firefox 140", "Company": "Mozilla", "Family": "Firefox"},
    "OS": {"Name": "Debian", "Company": "Debian", "Family": "Linux"},
    "Platform": "Desktop",
    "UserAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Geo": {"CountryISOCode": "DE", "Country": "Germany", "City": "Berlin", "IP": "192.0.2.1"},
}
BOUNCES: dict[Event, dict[str, Any]] = {
    Event.BOUNCED: {
        "Type": "HardBounce",
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Inactive": True,
        "CanActivate": True,
    },
    Event.SOFT_BOUNCED: {
        "Type": "SoftBounce",
        "TypeCode": 4096,
        "Name": "Soft bounce",
        "Description": "Unable to temporarily deliver message (i.e. mailbox full, account disabled).",
        "Details": "smtp;452 4.2.2 The email account that you tried to reach is over quota.",
        "Inactive": False,
        "CanActivate": False,
    },
    Event.COMPLAINED: {
        "Type": "SpamComplaint",
        "TypeCode": 100001,
        "Name": "Spam complaint",
        "Description": "The subscriber explicitly marked this message as spam.",
        "Details": "Feedback-Type: abuse",
        "Inactive": True,
        "CanActivate": False,
    },
}

_encode = msgspec.json.Encoder().encode


def payload(mail: Mail, recipient: str, event: Event) -> bytes:
    """The body of the webhook for this event, about one recipient. Postmark has none for `Event.SENT`."""
    common = {"MessageID": mail.esp_id, "MessageStream": mail.stream, "Metadata": mail.tags, "Tag": mail.tag}
    return _encode(common | _details(mail, recipient, event))


def headers(account: Account, *, webhook_id: str, body: bytes) -> dict[str, str]:
    """Postmark signs nothing: its proof is the password in the URL. The trace id is the same in every repeat."""
    return {"User-Agent": "Postmark", "X-PM-Webhook-Trace-Id": webhook_id}


def _details(mail: Mail, recipient: str, event: Event) -> dict[str, Any]:
    now = now_iso()
    match event:
        case Event.DELIVERED:
            return {
                "RecordType": "Delivery",
                "ServerID": SERVER_ID,
                "Recipient": recipient,
                "DeliveredAt": now,
                "Details": "250 2.0.0 OK",
            }
        case Event.BOUNCED | Event.SOFT_BOUNCED | Event.COMPLAINED:
            return {
                "RecordType": "SpamComplaint" if event is Event.COMPLAINED else "Bounce",
                "ID": uuid.uuid4().int >> 75,  # Unique, and exact even where numbers are doubles.
                "ServerID": SERVER_ID,
                "Email": recipient,
                "From": mail.sender,
                "Subject": mail.subject,
                "BouncedAt": now,
                "DumpAvailable": False,
                **BOUNCES[event],
            }
        case Event.OPENED:
            return {
                "RecordType": "Open",
                "FirstOpen": True,
                "ReadSeconds": 5,
                "Recipient": recipient,
                "ReceivedAt": now,
                **READER,
            }
        case Event.CLICKED:
            return {
                "RecordType": "Click",
                "ClickLocation": "HTML",
                "OriginalLink": mail.first_link,
                "Recipient": recipient,
                "ReceivedAt": now,
                **READER,
            }
    raise ValueError(event)
