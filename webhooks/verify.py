"""Verify: is this call what it claims to be? Only then is it stored."""

import json
from typing import NamedTuple

from anymail.exceptions import AnymailWebhookValidationFailure
from django.http import HttpRequest

from webhooks.dialects.base import FORM, MULTIPART, Unproven, Unreachable
from webhooks.door import Door

MAX_BODY = 1024 * 1024
MAX_CONTENT_TYPE = 200  # As the model has it.


class Refusal(NamedTuple):
    status: int
    reason: str  # For whoever sets up the webhook. Says nothing of what was sent.


_CALL_AGAIN = Refusal(503, "The sender cannot be checked just now. Send it again.")


def refuse(request: HttpRequest, door: Door) -> Refusal | None:
    """Why this POST is not taken; None: it is. Reads the body only if it is small enough."""
    refusal = _bad_form(request, door) or _unproven(request, door) or _garbled(request, door)
    return refusal or _unconfirmed(request, door)


def _bad_form(request: HttpRequest, door: Door) -> Refusal | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return Refusal(411, "Send a Content-Length.")
    if int(length) > MAX_BODY:
        return Refusal(413, f"A body may have {MAX_BODY} bytes at most.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return Refusal(415, "Send the body uncompressed.")
    if request.content_type not in door.dialect.content_types or len(request.META["CONTENT_TYPE"]) > MAX_CONTENT_TYPE:
        return Refusal(415, f"Expected a body of type {' or '.join(door.dialect.content_types)}.")
    if len(request.body) != int(length):  # Also reads it, before a form's parser could leave nothing to be stored.
        return Refusal(400, "The body is shorter than its Content-Length.")
    return None


def _unproven(request: HttpRequest, door: Door) -> Refusal | None:
    if getattr(door.view, "basic_auth", None) and "Authorization" not in request.headers:
        return Refusal(401, "Basic authentication is missing.")  # SNS sends it only when asked.
    try:
        door.view.run_validators(request)
    except AnymailWebhookValidationFailure:
        return Refusal(403, "The signature or password is wrong.")
    except Unproven as error:
        return Refusal(403, str(error))
    except Unreachable:
        return _CALL_AGAIN
    except Exception as error:  # noqa: BLE001 - validators stumble in many ways over what no ESP would send
        return Refusal(400, f"This cannot be read ({type(error).__name__}).")
    return None


def _garbled(request: HttpRequest, door: Door) -> Refusal | None:
    """Not JSON at all, so that keeping it would help nobody. Whether it makes sense, the digest pump will see."""
    field = door.dialect.form_field
    if request.content_type in {FORM, MULTIPART} and not field:
        return None  # Mailgun's old forms.
    try:
        tree = json.loads(request.POST[field] if field else request.body)
    except (ValueError, LookupError, RecursionError):
        tree = None
    return None if isinstance(tree, dict | list) else Refusal(400, "This is not JSON.")


def _unconfirmed(request: HttpRequest, door: Door) -> Refusal | None:
    try:
        if door.dialect.confirm:
            door.dialect.confirm(request)
    except Unproven as error:
        return Refusal(403, str(error))
    except Unreachable:
        return _CALL_AGAIN
    return None
