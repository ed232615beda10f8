"""What Resend's webhooks look like and how they are signed: https://resend.com/docs/webhooks/introduction."""

import base64
import hashlib
import hmac
import time
from typing import Any

import msgspec

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.clock import now_iso
from webhooks.sandbox.mail import Event, Mail

TYPES = {
    Event.SENT: "email.sent",
    Event.DELIVERED: "email.delivered",
    Event.BOUNCED: "email.bounced",
    Event.SOFT_BOUNCED: "email.bounced",
    Event.COMPLAINED: "email.complained",
    Event.OPENED: "email.opened",
    Event.CLICKED: "email.clicked",
}
# The wording matters: Anymail reads the reason of a bounce out of it.
BOUNCES = {
    Event.BOUNCED: {
        "type": "Permanent",
        "subType": "General",
        "message": "The recipient's email provider sent a hard bounce message, but didn't specify the reason.",
    },
    Event.SOFT_BOUNCED: {
        "type": "Transient",
        "subType": "MailboxFull",
        "message": "The recipient's email provider sent a bounce message because the recipient's inbox was full.",
    },
}
READER = {
    "ipAddress": "192.0.2.1",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}

_encode = msgspec.json.Encoder().encode


def payload(mail: Mail, recipient: str, event: Event) -> bytes:
    """The body of the webhook for this event. Like Resend's own it does not tell which recipient it is about."""
    now = now_iso()
    about: dict[str, Any] = {
        "created_at": now,
        "email_id": mail.esp_id,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "headers": [{"name": name, "value": value} for name, value in mail.headers],
        "tags": mail.tags,
    }
    if event in BOUNCES:
        about["bounce"] = BOUNCES[event]
    elif event is Event.CLICKED:
        about["click"] = {"link": mail.first_link, "timestamp": now, **READER}
    return _encode({"type": TYPES[event], "created_at": now, "data": about})


def headers(account: Account, *, webhook_id: str, body: bytes) -> dict[str, str]:
    """Svix's headers. The id is the same in every repeat; without a secret there is no signature."""
    now = int(time.time())
    proof = {"User-Agent": "Svix-Webhooks/1.0", "svix-id": webhook_id, "svix-timestamp": str(now)}
    if account.signing_secret:
        proof["svix-signature"] = _signature(account.signing_secret, webhook_id, now, body)
    return proof


def _signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """https://docs.svix.com/receiving/verifying-payloads/how-manual."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, b"%b.%d.%b" % (webhook_id.encode(), timestamp, body), hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"
