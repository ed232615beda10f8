"""https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html

and https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html.
"""

from typing import Any, NoReturn

from anymail.exceptions import AnymailConfigurationError
from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView

from webhooks.dialects.base import JSON, Dialect
from webhooks.kinds import Kind


class SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # Anymail ships no types.
    """Anymail's, without boto3: that is needed only to confirm subscriptions, which would be a call in mid-pump."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        super(AmazonSESBaseWebhookView, self).__init__(**kwargs)

    def auto_confirm_sns_subscription(self, sns_message: Any) -> NoReturn:
        raise AnymailConfigurationError("SNS asks to confirm this subscription. Open the SubscribeURL in the body.")


AMAZON_SES = Dialect(
    view="webhooks.dialects.amazon_ses.SesView",
    proofs=("webhook_secret",),
    content_types=("text/plain", JSON),  # SNS sends text/plain.
    words=(
        "eventType",
        "notificationType",
        "bounce.bounceType",
        "bounce.bounceSubType",
        "complaint.complaintFeedbackType",
    ),
    kinds={
        "Bounce/Permanent": Kind.HARD_BOUNCE,
        "Bounce/Permanent/UnsubscribedRecipient": Kind.UNSUBSCRIBE,
        "Bounce/Transient": Kind.SOFT_BOUNCE,
        "Bounce/Transient/MessageTooLarge": Kind.BLOCK,
        "Bounce/Transient/ContentRejected": Kind.BLOCK,
        "Bounce/Transient/AttachmentRejected": Kind.BLOCK,
        "Bounce/Undetermined": Kind.SOFT_BOUNCE,
        "Complaint/not-spam": Kind.UNKNOWN,  # The reader has taken a complaint back.
        "DeliveryDelay": Kind.DEFERRED,
        "Reject": Kind.BLOCK,
        "Rendering Failure": Kind.BLOCK,
    },
)
