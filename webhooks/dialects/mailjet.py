"""https://dev.mailjet.com/email/guides/webhooks/."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

MAILJET = Dialect(
    view="anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    proofs=("webhook_secret",),
    words=("event", "hard_bounce", "error"),
    kinds={
        "bounce/true": Kind.HARD_BOUNCE,
        "bounce/false": Kind.SOFT_BOUNCE,
        "bounce/false/greylisted": Kind.DEFERRED,
        "bounce/false/sender blocked": Kind.BLOCK,
        "bounce/false/content blocked": Kind.BLOCK,
        "bounce/false/policy issue": Kind.BLOCK,
        "blocked": Kind.BLOCK,
    },
    events_at=(),
)
