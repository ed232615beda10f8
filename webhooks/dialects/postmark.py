"""https://postmarkapp.com/developer/webhooks/webhooks-overview and …/developer/api/bounce-api#bounce-types."""

from webhooks.dialects.base import Dialect
from webhooks.kinds import Kind

POSTMARK = Dialect(
    view="anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    proofs=("webhook_secret",),
    words=("RecordType", "Type", "SuppressSending", "SuppressionReason"),
    kinds={
        "Bounce/HardBounce": Kind.HARD_BOUNCE,
        "Bounce/BadEmailAddress": Kind.HARD_BOUNCE,
        "Bounce/SoftBounce": Kind.SOFT_BOUNCE,
        "Bounce/Unknown": Kind.SOFT_BOUNCE,
        "Bounce/Transient": Kind.DEFERRED,
        "Bounce/DnsError": Kind.DEFERRED,
        "Bounce/OpenRelayTest": Kind.UNKNOWN,
        "Bounce/AutoResponder": Kind.AUTO_REPLY,
        "Bounce/AddressChange": Kind.AUTO_REPLY,
        "Bounce/ChallengeVerification": Kind.AUTO_REPLY,
        # Classified as spam or blocked by a filter, also by the reader's own. It is no complaint.
        "Bounce/SpamNotification": Kind.BLOCK,
        "Bounce/VirusNotification": Kind.BLOCK,
        "Bounce/Blocked": Kind.BLOCK,
        "Bounce/DMARCPolicy": Kind.BLOCK,
        "Bounce/ManuallyDeactivated": Kind.BLOCK,
        "Bounce/Unconfirmed": Kind.BLOCK,
        "Bounce/SMTPApiError": Kind.BLOCK,
        "Bounce/TemplateRenderingFailed": Kind.BLOCK,
        "Bounce/SpamComplaint": Kind.COMPLAINT,
        "Bounce/Unsubscribe": Kind.UNSUBSCRIBE,
        "Bounce/Subscribe": Kind.UNKNOWN,
        "Bounce/InboundError": Kind.UNKNOWN,
        "Bounce": Kind.SOFT_BOUNCE,
        "SpamComplaint": Kind.COMPLAINT,
        "SubscriptionChange/true/HardBounce": Kind.HARD_BOUNCE,
        "SubscriptionChange/true/SpamComplaint": Kind.COMPLAINT,
        "SubscriptionChange/true": Kind.UNSUBSCRIBE,
        # Somebody has lifted Postmark's suppression. Ours is lifted by hand.
        "SubscriptionChange/false": Kind.UNKNOWN,
    },
)
