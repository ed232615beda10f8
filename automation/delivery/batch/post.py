"""One call for many mails: Anymail builds and checks each of them, and its session posts them together."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

import requests
from anymail.message import AnymailMessage
from django.utils import timezone

from automation.delivery.batch.base import BatchApi, Results, unknown
from automation.delivery.errors import classify, classify_response
from automation.delivery.outcomes import Outcome
from automation.delivery.payload import LeanPayload

# Postmark's limit is 50 MB, Resend's 40 MB. What is larger goes mail by mail.
MAX_BODY = 30_000_000


class Built(NamedTuple):
    """One mail, as Anymail would post it by a call of its own."""

    payload: LeanPayload
    body: bytes


def build_mail(backend: Any, email: AnymailMessage) -> Built | None:
    """None: it needs a call of its own. Raises what Anymail raises for a mail that its provider cannot be given."""
    payload: LeanPayload = backend.build_message_payload(email, backend.send_defaults)
    return Built(payload, payload.serialize_data()) if payload.is_plain else None


def post(api: BatchApi, backend: Any, mails: Sequence[Built], *, provider: str, key: str) -> Results:
    """Hand over all of them by one request, under this idempotency key if the provider has any.

    Whatever happens to it as a whole, happened to each of them.
    """
    body = b"[%b]" % b",".join(mail.body for mail in mails)
    if len(body) > MAX_BODY:
        return [None] * len(mails)
    alone = mails[0].payload.get_request_params(backend.api_url)  # Any of them: they differ in nothing but the body.
    headers = {**alone["headers"], **api.headers, **({api.key_header: key} if api.key_header else {})}
    url = urljoin(backend.api_url, api.endpoint)
    try:
        response = backend.session.request("POST", url, data=body, headers=headers, timeout=backend.timeout)
    except requests.RequestException as error:
        return [classify(error, provider=provider, at=timezone.now())] * len(mails)
    if not 200 <= response.status_code < 300:
        whole = classify_response(response, provider=provider, at=timezone.now())
        return [None if whole.outcome is Outcome.REJECTED else whole] * len(mails)
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return unknown(len(mails), "The answer to the batch cannot be read.")
    return api.read(answer, len(mails), timezone.now())
