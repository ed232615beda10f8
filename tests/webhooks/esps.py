"""ESPs as their webhooks look on the wire: each proves itself as the real one does."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from automation.delivery.models import EspAccount
from tests.factories import make_account

BASIC = {"webhook_secret": "user:password"}
SVIX_KEY = b"0123456789abcdef01234567"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Call(NamedTuple):
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = {}


class Esp(NamedTuple):
    settings: Callable[[], dict[str, Any]]
    call: Callable[[Any], Call]  # From the payload, as JSON, to the call that carries it.


def post(client: Client, account: EspAccount, call: Call) -> Any:
    # `client.post` would take some bytes for text.
    return client.generic("POST", f"/webhooks/{account.key}/", call.body, call.content_type, headers=call.headers)


def make_esp_account(provider: str, monkeypatch: Any, **settings: Any) -> EspAccount:
    name = f"ESP_{provider.upper()}"
    monkeypatch.setenv(name, json.dumps(settings or ESPS[provider].settings()))
    return make_account(provider=provider, settings_env=name)


def basic_auth(credentials: str = "user:password") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


def basic(payload: Any) -> Call:
    return Call(json.dumps(payload).encode(), headers=basic_auth())


def svix(payload: Any, *, key: bytes = SVIX_KEY, webhook_id: str = "", at: float | None = None) -> Call:
    body = json.dumps(payload).encode()
    webhook_id = webhook_id or f"msg_{hashlib.sha256(body).hexdigest()[:20]}"
    timestamp = str(int(time.time() if at is None else at))
    signed = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(signed).decode()}"
    headers = {"svix-id": webhook_id, "svix-timestamp": timestamp, "svix-signature": signature}
    return Call(body, headers=headers)


def hmac_in(header: str) -> Callable[[Any], Call]:
    def call(payload: Any) -> Call:
        body = json.dumps(payload).encode()
        return Call(body, headers={header: hmac.new(b"secret", body, "sha256").hexdigest()})

    return call


def mailgun(payload: Any, *, token: str = "", at: float | None = None) -> Call:
    timestamp = str(int(time.time() if at is None else at))
    token = token or hashlib.sha256(json.dumps(payload).encode()).hexdigest()[:50]
    signature = hmac.new(b"secret", f"{timestamp}{token}".encode(), "sha256").hexdigest()
    signed = {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": payload}
    return Call(json.dumps(signed).encode())


def mandrill(payload: Any) -> Call:
    events = json.dumps(payload)
    signed = f"https://mail.example.com/hookmandrill_events{events}"
    signature = base64.b64encode(hmac.digest(b"secret", signed.encode(), "sha1")).decode()
    body = urlencode({"mandrill_events": events}).encode()
    return Call(body, FORM, {"X-Mandrill-Signature": signature})


TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


def sns(payload: Any, *, version: str = "2", key: rsa.RSAPrivateKey | None = None, **fields: Any) -> Call:
    """A notification as SNS sends it, or with other `fields` what else it sends. None leaves a field out."""
    text = json.dumps(payload)
    message = {
        "Type": "Notification",
        "MessageId": hashlib.sha256(text.encode()).hexdigest(),
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": "2026-03-01T12:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        **fields,
    }
    message = {name: value for name, value in message.items() if value is not None}
    algorithm = {"1": hashes.SHA1, "2": hashes.SHA256}.get(version, hashes.SHA256)
    signature = (key or rsa_key()).sign(_sns_text(message).encode(), padding.PKCS1v15(), algorithm())
    message.setdefault("Signature", base64.b64encode(signature).decode())
    headers = {"x-amz-sns-message-type": message["Type"], "x-amz-sns-message-id": message["MessageId"]}
    return Call(json.dumps(message).encode(), "text/plain; charset=UTF-8", headers)


def _sns_text(message: dict[str, str]) -> str:
    """As Amazon's documentation has it: the signed names in the order of the alphabet, each line by line."""
    unsigned = {"SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL"}
    if message["Type"] == "Notification":
        unsigned |= {"SubscribeURL", "Token"}
    lines = [line for name in sorted(message.keys() - unsigned) for line in (name, message[name])]
    return "\n".join([*lines, ""])


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, days: int = 30, age_days: int = 1) -> bytes:
    """Of this key, valid since `age_days` ago for `days`; in PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    since = datetime.now(UTC) - timedelta(days=age_days)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 17, since, since + timedelta(days=days))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def postal(payload: Any) -> Call:
    body = json.dumps(payload).encode()
    signature = rsa_key().sign(body, padding.PKCS1v15(), hashes.SHA1())
    return Call(body, headers={"X-Postal-Signature": base64.b64encode(signature).decode()})


def sendgrid(payload: Any) -> Call:
    body, timestamp = json.dumps(payload).encode(), str(int(time.time()))
    signature = base64.b64encode(ec_key().sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    name = "X-Twilio-Email-Event-Webhook"
    return Call(body, headers={f"{name}-Signature": signature, f"{name}-Timestamp": timestamp})


def unisender_go(payload: Any) -> Call:
    body = json.dumps({"auth": "secret", **payload}).encode()
    auth = hashlib.md5(body).hexdigest().encode()
    return Call(body.replace(b"secret", auth))


ESPS = {
    "amazon_ses": Esp(lambda: {"sns_topics": TOPIC}, sns),
    "brevo": Esp(lambda: BASIC, basic),
    "mailersend": Esp(lambda: {"signing_secret": "secret"}, hmac_in("Signature")),
    "mailgun": Esp(lambda: {"webhook_signing_key": "secret"}, mailgun),
    "mailjet": Esp(lambda: BASIC, basic),
    "mailtrap": Esp(lambda: {"tracking_secret": "secret"}, hmac_in("Mailtrap-Signature")),
    "mandrill": Esp(lambda: {"webhook_key": "secret", "webhook_url": "https://mail.example.com/hook"}, mandrill),
    "postal": Esp(lambda: {"webhook_key": public(rsa_key())}, postal),
    "postmark": Esp(lambda: BASIC, basic),
    "resend": Esp(lambda: {"signing_secret": f"whsec_{base64.b64encode(SVIX_KEY).decode()}"}, svix),
    "sendgrid": Esp(lambda: {"tracking_webhook_verification_key": public(ec_key())}, sendgrid),
    "sparkpost": Esp(lambda: BASIC, basic),
    "unisender_go": Esp(lambda: {"api_key": "secret"}, unisender_go),
}
