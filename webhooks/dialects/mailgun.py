"""https://documentation.mailgun.com/docs/mailgun/user-manual/events/events and …/webhooks."""

import json
import time

from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.http import HttpRequest

from webhooks.dialects.base import FORM, JSON, MULTIPART, Dialect, Unproven
from webhooks.kinds import Kind

# How far a signature's time may be from ours. Longer, and who has overheard one may use it for longer.
FRESH_S = 300


class MailgunView(MailgunTrackingWebhookView):  # type: ignore[misc]  # Anymail ships no types.
    """Anymail's, and the age of the signature, which it leaves unchecked."""

    def run_validators(self, request: HttpRequest) -> None:
        super().run_validators(request)
        if abs(time.time() - int(_signature(request)["timestamp"])) > FRESH_S:
            raise Unproven("This was signed more than 5 minutes ago, or the clocks differ.")


def token(request: HttpRequest) -> str:
    """It is signed with the time and nothing else; Mailgun makes another for each call, also when it repeats one."""
    return str(_signature(request)["token"])


def _signature(request: HttpRequest) -> dict[str, str]:
    if request.content_type == JSON:
        signature: dict[str, str] = json.loads(request.body)["signature"]
        return signature
    return request.POST.dict()


MAILGUN = Dialect(
    view="webhooks.dialects.mailgun.MailgunView",
    proofs=("webhook_signing_key", "api_key"),
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
