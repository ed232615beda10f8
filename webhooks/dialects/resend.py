"""https://resend.com/docs/webhooks/event-types and …/docs/dashboard/emails/email-bounces."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

RESEND = Dialect(
    view="anymail.webhooks.resend.ResendTrackingWebhookView",
    proofs=("signing_secret", "webhook_secret"),
    headers=("svix-id",),
    words=("type", "data.bounce.type", "data.bounce.subType"),
    kinds={
        "email.bounced/Permanent": Kind.HARD_BOUNCE,
        "email.bounced/Transient": Kind.SOFT_BOUNCE,
        "email.bounced/Transient/MessageTooLarge": Kind.BLOCK,
        "email.bounced/Transient/ContentRejected": Kind.BLOCK,
        "email.bounced/Transient/AttachmentRejected": Kind.BLOCK,
        "email.bounced/Undetermined": Kind.SOFT_BOUNCE,
        # On Resend's own list, after a bounce or a complaint: no mail to it leaves Resend any more.
        "email.suppressed": Kind.HARD_BOUNCE,
        "email.failed": Kind.BLOCK,
        "email.scheduled": Kind.ACCEPTED,
    },
)
