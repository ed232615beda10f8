"""Idempotency keys: of calls with the same mail under the same key an ESP takes one, however often it is asked."""

from typing import Any

from anymail.message import AnymailMessage

from automation.delivery.providers import Provider


def set_key(key: str, *, provider: str, email: AnymailMessage, backend: Any) -> None:
    """Put the key where the provider looks for it. `providers.IDEMPOTENCY_KEY_LIFE` says for how long it counts.

    Does nothing for those that have no keys.
    """
    match provider:
        case Provider.RESEND:
            backend.session.headers["Idempotency-Key"] = key
        case Provider.BREVO:
            # From among the mail's headers (developers.brevo.com/docs/heterogenous-versions-batch-emails).
            email.extra_headers["idempotencyKey"] = key
