"""https://docs.postalserver.io/developer/webhooks."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

POSTAL = Dialect(
    view="anymail.webhooks.postal.PostalTrackingWebhookView",
    proofs=("webhook_key",),
    words=("event", "payload.status"),
    kinds={
        "MessageDeliveryFailed": Kind.HARD_BOUNCE,
        "MessageDeliveryFailed/HardFail": Kind.HARD_BOUNCE,
        "MessageBounced": Kind.SOFT_BOUNCE,  # A bounce mail came in; Postal does not read what it says.
        "MessageLoaded": Kind.OPENED,
    },
)
