"""https://developers.brevo.com/docs/transactional-webhooks."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

BREVO = Dialect(
    view="anymail.webhooks.brevo.BrevoTrackingWebhookView",
    proofs=("webhook_secret",),
    words=("event",),
    kinds={
        "hard_bounce": Kind.HARD_BOUNCE,
        "invalid_email": Kind.HARD_BOUNCE,
        "soft_bounce": Kind.SOFT_BOUNCE,
        "unsubscribed": Kind.UNSUBSCRIBE,
        "error": Kind.BLOCK,
    },
    machine={"event": ("proxy_open", "unique_proxy_open")},  # Apple's Mail Privacy Protection.
)
