"""ESPs as their webhooks look on the wire: each proves itself as the real one does."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

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
    return client.post(f"/webhooks/{account.key}/", call.body, content_type=call.content_type, headers=call.headers)


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


def mailgun(payload: Any) -> Call:
    timestamp, token = str(int(time.time())), hashlib.sha256(json.dumps(payload).encode()).hexdigest()[:50]
    signature = hmac.new(b"secret", f"{timestamp}{token}".encode(), "sha256").hexdigest()
    signed = {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": payload}
    return Call(json.dumps(signed).encode())


def mandrill(payload: Any) -> Call:
    events = json.dumps(payload)
    signed = f"https://mail.example.com/hookmandrill_events{events}"
    signature = base64.b64encode(hmac.digest(b"secret", signed.encode(), "sha1")).decode()
    body = urlencode({"mandrill_events": events}).encode()
    return Call(body, FORM, {"X-Mandrill-Signature": signature})


def sns(payload: Any) -> Call:
    message = {
        "Type": "Notification",
        "MessageId": hashlib.sha256(json.dumps(payload).encode()).hexdigest(),
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
        "Message": json.dumps(payload),
        "Timestamp": "2026-03-01T12:00:00.000Z",
    }
    headers = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": message["MessageId"], **basic_auth()}
    return Call(json.dumps(message).encode(), "text/plain; charset=UTF-8", headers)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


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
    "amazon_ses": Esp(lambda: BASIC, sns),
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
