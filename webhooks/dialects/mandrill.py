"""https://mailchimp.com/developer/transactional/docs/webhooks/."""

from webhooks.dialects.base import FORM, Dialect
from webhooks.kinds import Kind

MANDRILL = Dialect(
    view="anymail.webhooks.mandrill.MandrillCombinedWebhookView",
    proofs=("webhook_key",),
    settings=("webhook_url",),
    content_types=(FORM,),
    words=("event",),
    kinds={"hard_bounce": Kind.HARD_BOUNCE, "soft_bounce": Kind.SOFT_BOUNCE, "delivered": Kind.DELIVERED},
    events_at=(),
    form_field="mandrill_events",
)
