"""Signing calls by Standard Webhooks (standardwebhooks.com), so that who is called can tell that it is we who call."""

import base64
import binascii
import hashlib
import hmac
import os
from datetime import datetime

# What a secret begins with, so that nobody mistakes it for something else.
PREFIX = "whsec_"
# As the specification has it, in bytes.
SHORTEST, LONGEST = 24, 64


class SecretMissing(Exception):
    """The environment has no usable secret by this name. The message never quotes its value."""


def secrets_of(variable: str) -> list[bytes]:
    """The secrets that an environment variable holds, with a space between: while one replaces another, both sign."""
    texts = os.environ.get(variable, "").split()
    if not texts:
        raise SecretMissing(f"The environment has no {variable}.")
    try:
        secrets = [base64.b64decode(text.removeprefix(PREFIX), validate=True) for text in texts]
    except binascii.Error as error:
        raise SecretMissing(f"{variable} holds no secret: expected {PREFIX}, then Base64.") from error
    if not all(SHORTEST <= len(secret) <= LONGEST for secret in secrets):
        raise SecretMissing(f"The secret in {variable} has to be {SHORTEST} to {LONGEST} bytes long.")
    return secrets


def signed_headers(webhook_id: str, body: bytes, secrets: list[bytes], *, at: datetime) -> dict[str, str]:
    """Receivers refuse old timestamps, so each try is signed anew; its id stays, by which they know a repetition."""
    timestamp = str(int(at.timestamp()))
    content = b".".join([webhook_id.encode(), timestamp.encode(), body])
    signatures = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
