"""The secrets of one data folder: made once, kept in a file that only its owner can read."""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


def token() -> str:
    return secrets.token_urlsafe(32)


def signing_secret() -> str:
    """In the form of a Svix secret, which Resend uses: https://docs.svix.com/receiving/verifying-payloads/how-manual"""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def made_by(make: Callable[[], str]) -> str:
    made: str = field(default_factory=make)
    return made


@dataclass(frozen=True, kw_only=True)
class Credentials:
    secret_key: str = made_by(lambda: secrets.token_urlsafe(64))
    suppression_hash_key: str = made_by(token)
    database_password: str = made_by(token)
    redis_password: str = made_by(token)
    admin_password: str = made_by(lambda: secrets.token_urlsafe(12))
    postmark_server_token: str = made_by(token)
    postmark_webhook_password: str = made_by(token)
    resend_api_key: str = made_by(lambda: "re_" + secrets.token_hex(16))
    resend_signing_secret: str = made_by(signing_secret)


def load(file: Path) -> Credentials:
    """Read `file`; what it lacks is generated and written back, so that a new kind of secret joins old data."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    credentials = Credentials(**known)
    write_private(file, json.dumps(asdict(credentials), indent=2) + "\n")
    return credentials


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step, readable by its owner alone from the first byte."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)
