"""https://documentation.mailgun.com/docs/mailgun/user-manual/events/events and …/webhooks."""

from webhooks.dialects.base import FORM, JSON, MULTIPART, Dialect
from webhooks.kinds import Kind

MAILGUN = Dialect(
    view="anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    proofs=("webhook_signing_key", "api_key"),
    content_types=(JSON, FORM, MULTIPART),  # Forms: webhooks made before 2018.
    words=("event-data.event", "event", "event-data.severity", "event-data.reason"),
    kinds={
        "failed/temporary": Kind.DEFERRED,
        "failed/permanent/bounce": Kind.HARD_BOUNCE,
        "failed/permanent/delayed-bounce": Kind.HARD_BOUNCE,
        "failed/permanent/suppress-bounce": Kind.HARD_BOUNCE,
        "failed/permanent/suppress-complaint": Kind.COMPLAINT,
        "failed/permanent/suppress-unsubscribe": Kind.UNSUBSCRIBE,
        "failed/permanent/espblock": Kind.BLOCK,
        "failed/permanent": Kind.SOFT_BOUNCE,  # "generic", "old": given up, for any reason.
    },
)
