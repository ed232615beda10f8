"""https://documentation.mailgun.com/docs/mailgun/user-manual/events/events and …/webhooks."""

import json
import time
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.http import HttpRequest

from webhooks.dialects.base import FORM, JSON, MULTIPART, Dialect, Unproven
from webhooks.kinds import Kind

FRESH_S = 300  # How far a signature's time may be from ours, unless the account says longer (docs/decisions/0009-…).
LONGEST_S = 86_400


class MailgunView(MailgunTrackingWebhookView):  # type: ignore[misc]  # Anymail ships no types.
    """Anymail's, and the age of the signature, which it leaves unchecked."""

    webhook_max_age_s = FRESH_S

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if type(self.webhook_max_age_s) is not int or not FRESH_S <= self.webhook_max_age_s <= LONGEST_S:
            raise AnymailConfigurationError(f"webhook_max_age_s: expected {FRESH_S} to {LONGEST_S} seconds")

    def run_validators(self, request: HttpRequest) -> None:
        super().run_validators(request)
        age_s = time.time() - int(_signature(request)["timestamp"])
        if not -FRESH_S <= age_s <= self.webhook_max_age_s:
            raise Unproven(f"This was signed more than {self.webhook_max_age_s} seconds ago, or the clocks differ.")


def token(request: HttpRequest) -> str:
    """It is signed with the time and nothing else, so it proves one call: the one that came with it first."""
    return str(_signature(request)["token"])


def _signature(request: HttpRequest) -> dict[str, str]:
    if request.content_type == JSON:
        signature: dict[str, str] = json.loads(request.body)["signature"]
        return signature
    return request.POST.dict()


MAILGUN = Dialect(
    view="webhooks.dialects.mailgun.MailgunView",
    proofs=("webhook_signing_key", "api_key"),
    settings=("webhook_max_age_s",),
    proven_once=token,
    event_id="event-data.id",  # Anymail takes the token. This is unique within a day.
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
    machine={"event-data.client-info.bot": ("apple", "generic")},  # "gmail": its proxy, as somebody reads.
)
