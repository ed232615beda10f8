"""https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html

and https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html.
"""

import json
from typing import Any

from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView
from django.http import HttpRequest

from webhooks import sns
from webhooks.dialects.base import JSON, Dialect, Unproven
from webhooks.kinds import Kind


class SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # Anymail ships no types.
    """Anymail's, and the signature, which it leaves unchecked. Without boto3, since nothing here needs it."""

    warn_if_no_basic_auth = False  # The signature proves more. A password is still checked if there is one.
    sns_topics: Any = ()  # ARNs. Amazon signs everybody's messages, so only these prove anything.

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False  # In mid-pump; `confirm` does it at the door.
        super(AmazonSESBaseWebhookView, self).__init__(**kwargs)
        if isinstance(self.sns_topics, str):
            self.sns_topics = [self.sns_topics]
        if not all(isinstance(topic, str) and topic.startswith("arn:") for topic in self.sns_topics):
            raise ValueError("sns_topics")

    def run_validators(self, request: HttpRequest) -> None:
        super().run_validators(request)  # First, as they are free: the signature may cost a request.
        message = self._parse_sns_message(request)
        if message.get("TopicArn") not in self.sns_topics:
            raise Unproven("This topic is not among the account's sns_topics.")
        sns.check_signature(message)


def confirm(request: HttpRequest) -> None:
    """Confirm the subscription, if that is what SNS asks. Of calls that have been checked. As sns.confirm."""
    message = json.loads(request.body)
    if message["Type"] == "SubscriptionConfirmation":
        sns.confirm(message)


AMAZON_SES = Dialect(
    view="webhooks.dialects.amazon_ses.SesView",
    proofs=("sns_topics",),
    confirm=confirm,
    content_types=("text/plain", JSON),  # SNS sends text/plain.
    words=(
        "eventType",
        "notificationType",
        "bounce.bounceType",
        "bounce.bounceSubType",
        "complaint.complaintFeedbackType",
        "subscription.newTopicPreferences.unsubscribeAll",
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
        "Subscription/true": Kind.UNSUBSCRIBE,
        "Reject": Kind.BLOCK,
        "Rendering Failure": Kind.BLOCK,
    },
)
