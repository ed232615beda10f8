"""https://developers.mailersend.com/api/v1/webhooks.html."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

MAILERSEND = Dialect(
    view="anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    proofs=("signing_secret",),
    words=("data.type",),
    kinds={"hard_bounced": Kind.HARD_BOUNCE, "soft_bounced": Kind.SOFT_BOUNCE, "deferred": Kind.DEFERRED},
)
