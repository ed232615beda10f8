"""https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

SENDGRID = Dialect(
    view="anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    proofs=("tracking_webhook_verification_key", "webhook_secret"),
    # `reason` is free text but for `dropped`. No more of it is kept than what is matched below.
    words=("event", "type", "reason"),
    kinds={
        "bounce/bounce": Kind.HARD_BOUNCE,
        "bounce/blocked": Kind.BLOCK,
        "bounce": Kind.SOFT_BOUNCE,
        "dropped/Bounced Address": Kind.HARD_BOUNCE,
        "dropped/Invalid": Kind.HARD_BOUNCE,
        "dropped/Spam Reporting Address": Kind.COMPLAINT,
        "dropped/Unsubscribed Address": Kind.UNSUBSCRIBE,
        "dropped": Kind.BLOCK,
    },
    machine={"sg_machine_open": ("true",)},  # Apple's Mail Privacy Protection.
    events_at=(),
)
