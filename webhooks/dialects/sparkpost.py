"""https://developers.sparkpost.com/api/webhooks/ and https://support.sparkpost.com/docs/deliverability/bounce-classification-codes."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

_BOUNCE_CLASSES = {
    "10": Kind.HARD_BOUNCE,  # Invalid recipient.
    "30": Kind.HARD_BOUNCE,  # No RCPT.
    "25": Kind.BLOCK,  # Administrative failure.
    "50": Kind.BLOCK,
    "51": Kind.BLOCK,
    "52": Kind.BLOCK,
    "53": Kind.BLOCK,
    "54": Kind.BLOCK,
    "60": Kind.AUTO_REPLY,
    "80": Kind.UNKNOWN,  # A mail that asks to be subscribed.
    "90": Kind.UNSUBSCRIBE,
    "100": Kind.AUTO_REPLY,  # Challenge and response.
}

SPARKPOST = Dialect(
    view="anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
    proofs=("webhook_secret",),
    words=(
        "msys.message_event.type",
        "msys.track_event.type",
        "msys.gen_event.type",
        "msys.unsubscribe_event.type",
        "msys.message_event.bounce_class",
    ),
    kinds={
        f"{event}/{bounce_class}": kind
        for event in ("bounce", "out_of_band")
        for bounce_class, kind in _BOUNCE_CLASSES.items()
    }
    | {"bounce": Kind.SOFT_BOUNCE, "out_of_band": Kind.SOFT_BOUNCE},
    machine={"msys.track_event.user_agent_parsed.is_prefetched": ("true",)},
    events_at=(),
)
