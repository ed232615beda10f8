"""https://mailchimp.com/developer/transactional/docs/webhooks/."""

from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.webhooks.mandrill import MandrillCombinedWebhookView

from webhooks.dialects.base import FORM, Dialect
from webhooks.kinds import Kind


class MandrillView(MandrillCombinedWebhookView):  # type: ignore[misc]  # Anymail ships no types.
    """Anymail's, which remembers what it read last: after one inbound mail it would stumble over every report."""

    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        if esp_event.get("event") == "inbound":
            raise AnymailConfigurationError("You seem to have set Mandrill's *inbound* webhook to this URL.")
        return self.mandrill_tracking_to_anymail_event(esp_event)


MANDRILL = Dialect(
    view="webhooks.dialects.mandrill.MandrillView",
    proofs=("webhook_key",),
    settings=("webhook_url",),
    content_types=(FORM,),
    words=("event",),
    kinds={"hard_bounce": Kind.HARD_BOUNCE, "soft_bounce": Kind.SOFT_BOUNCE, "delivered": Kind.DELIVERED},
    events_at=(),
    form_field="mandrill_events",
)
