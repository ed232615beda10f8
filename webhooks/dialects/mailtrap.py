"""https://docs.mailtrap.io/email-api-smtp/advanced/webhooks."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

MAILTRAP = Dialect(
    view="anymail.webhooks.mailtrap.MailtrapTrackingWebhookView",
    proofs=("tracking_secret", "webhook_secret"),
    words=("event",),
    kinds={"bounce": Kind.HARD_BOUNCE},
    events_at=("events",),
)
