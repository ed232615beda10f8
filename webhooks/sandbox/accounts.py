"""The accounts that send through the sandbox: whatever key stands first in the path is one.

Their secrets come from where Signalpost itself has them: for the account `demo` the environment variable `ESP_DEMO`,
a JSON object such as `{"server_token": "…", "webhook_secret": "user:password"}`. Without that variable every token is
good, and Resend's webhooks go out unsigned.
"""

import json
import re
from collections.abc import Mapping

from msgspec import Struct

KEY = re.compile(r"[A-Za-z0-9_-]{1,50}")


class Account(Struct, frozen=True):
    key: str
    token: str | None = None  # Postmark's server token or Resend's API key; None: any will do.
    basic_auth: str | None = None  # `user:password` for the webhooks, as Postmark sends it.
    signing_secret: str | None = None  # `whsec_…`, with which Resend signs its webhooks.

    def knows(self, token: str) -> bool:
        return token == self.token if self.token else bool(token)


def account_from(key: str, environ: Mapping[str, str]) -> Account | None:
    """The account of this key; None if the key is none. A variable that cannot be read counts as not there."""
    if not KEY.fullmatch(key):
        return None
    try:
        secrets = json.loads(environ.get(f"ESP_{key.upper().replace('-', '_')}", "{}"))
    except ValueError:
        secrets = {}
    if not isinstance(secrets, dict):
        secrets = {}
    return Account(
        key=key,
        token=secrets.get("server_token") or secrets.get("api_key"),
        basic_auth=secrets.get("webhook_secret"),
        signing_secret=secrets.get("signing_secret"),
    )
