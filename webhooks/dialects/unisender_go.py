"""https://godocs.unisender.ru/web-api-ref#callback-format."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

UNISENDER_GO = Dialect(
    view="anymail.webhooks.unisender_go.UnisenderGoTrackingWebhookView",
    proofs=("api_key",),
    words=("status", "delivery_info.delivery_status"),
    kinds={
        "hard_bounced": Kind.HARD_BOUNCE,
        "hard_bounced/err_spam_rejected": Kind.BLOCK,
        "hard_bounced/err_spam_skipped": Kind.BLOCK,
        "hard_bounced/err_blacklisted": Kind.BLOCK,
        "hard_bounced/err_too_large": Kind.BLOCK,
        "hard_bounced/err_unsubscribed": Kind.UNSUBSCRIBE,
        "soft_bounced": Kind.SOFT_BOUNCE,
        "soft_bounced/err_will_retry": Kind.DEFERRED,
    },
    events_at=("events_by_user", 0, "events"),
)
