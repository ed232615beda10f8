"""SNS: is this message signed by Amazon? Which Anymail does not ask; and confirming a subscription that we wanted.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import Certificate, load_pem_x509_certificate
from django.conf import settings
from django.utils.module_loading import import_string

from webhooks.dialects.base import Unproven, Unreachable

_HOST = r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?"
_is_certificate_url = re.compile(rf"{_HOST}/[A-Za-z0-9_.-]{{1,200}}\.pem", re.ASCII).fullmatch
_is_subscribe_url = re.compile(rf"{_HOST}/\?[!-~]{{1,2000}}", re.ASCII).fullmatch

_OF_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_OF_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES: dict[object, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}

TIMEOUTS_S = (2.0, 3.0)  # To connect, to read. Longer, and SNS, which waits for 15 s, might give up first.
MAX_ANSWER = 64 * 1024  # A certificate has 2 KB.
# A URL that gave no certificate is not asked again for so long, lest whoever makes up names keep us asking.
VAIN_S = 30.0
# Amazon changes its certificate about once a year, and each region may have its own.
MAX_CERTIFICATES = 64


_certificates: dict[str, Certificate] = {}
_vain: dict[str, float] = {}


def check_signature(message: Mapping[str, Any]) -> None:
    """Raises Unproven, or Unreachable if the certificate is not known yet and cannot be had."""
    algorithm = _HASHES.get(message.get("SignatureVersion"))
    if algorithm is None:
        raise Unproven("SNS signature versions are 1 and 2.")
    key = _public_key(message.get("SigningCertURL"))
    try:
        signature = b64decode(message["Signature"], validate=True)
        key.verify(signature, signed_text(message).encode(), padding.PKCS1v15(), algorithm())
    except (InvalidSignature, LookupError, TypeError, ValueError) as error:
        raise Unproven("The SNS signature is wrong.") from error


def signed_text(message: Mapping[str, Any]) -> str:
    """What the signature of `message` is of. Raises LookupError or TypeError if something is missing."""
    names = _OF_NOTIFICATION if message["Type"] == "Notification" else _OF_CONFIRMATION
    return "".join(f"{name}\n" + message[name] + "\n" for name in names if name != "Subject" or name in message)


def confirm(message: Mapping[str, Any]) -> None:
    """Tell SNS that we want this subscription: one request to SNS, and to nobody else. Raises Unproven, Unreachable."""
    url = message.get("SubscribeURL")
    if not isinstance(url, str) or not _is_subscribe_url(url):
        raise Unproven("The SubscribeURL leads elsewhere than to SNS.")
    _fetch(url)


def forget_certificates() -> None:
    """For tests."""
    _certificates.clear()
    _vain.clear()


def fetch(url: str) -> bytes:
    """What an SNS host answers, without following it elsewhere. Raises OSError. Tests set another (SNS_FETCH)."""
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, timeout=TIMEOUTS_S, allow_redirects=False, stream=True) as answer:
        if answer.status_code != 200:
            raise OSError(f"SNS answers {answer.status_code}.")
        return bytes(answer.raw.read(MAX_ANSWER))


def _public_key(url: object) -> rsa.RSAPublicKey:
    if not isinstance(url, str) or not _is_certificate_url(url):
        raise Unproven("The SigningCertURL leads elsewhere than to SNS.")
    certificate = _certificates.get(url) or _fetch_certificate(url)
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise Unproven("The SNS certificate is not valid now.")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unproven("The SNS certificate has no RSA key.")
    return key


def _fetch_certificate(url: str) -> Certificate:
    if monotonic() < _vain.get(url, 0.0):
        raise Unreachable
    try:
        certificate = load_pem_x509_certificate(_fetch(url))
    except (Unreachable, ValueError) as error:
        _keep(_vain, url, monotonic() + VAIN_S)
        raise Unreachable from error
    _keep(_certificates, url, certificate)
    return certificate


def _fetch(url: str) -> bytes:
    try:
        answer: bytes = import_string(settings.SNS_FETCH)(url)
    except OSError as error:  # Also all that `requests` raises.
        raise Unreachable from error
    return answer


def _keep(cache: dict[str, Any], url: str, value: object) -> None:
    if len(cache) >= MAX_CERTIFICATES:
        cache.clear()
    cache[url] = value
