"""A lean way through Anymail's payloads, for the providers sent to most: same checks, same JSON, half of the time."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from anymail.backends.base import BasePayload
from anymail.backends.postmark import PostmarkPayload
from anymail.backends.resend import ResendPayload
from anymail.message import AnymailMessage
from anymail.utils import EmailAddress, parse_address_list

from automation.delivery.providers import Provider

_PARSERS = {"to": "parse_to", "from_email": "known_from_email", "reply_to": "known_reply_to"}
# Of these, local part and domain mean themselves (RFC 5322 §3.4.1, dot-atom).
_PLAIN = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.ASCII | re.IGNORECASE)


class LeanPayload(BasePayload):  # type: ignore[misc]  # Anymail has no types.
    """Mix into a provider's payload."""

    endpoint = ""  # For one plain mail. What Anymail has another for is left to it.
    # Parsing addresses is half of what building a payload takes, though a sender's are the same in all of its mails
    # and nearly all others are plain.
    base_message_attrs = tuple(
        (name, combine, _PARSERS.get(name, convert)) for name, combine, convert in BasePayload.base_message_attrs
    )

    @property
    def is_plain(self) -> bool:
        return bool(self.get_api_endpoint() == self.endpoint)

    def parse_to(self, addresses: Sequence[str]) -> list[EmailAddress]:
        if len(addresses) == 1 and (plain := _PLAIN.fullmatch(addresses[0])):
            return [EmailAddress(username=plain[1], domain=plain[2])]
        to: list[EmailAddress] = parse_address_list(addresses, field="to")
        return to

    def known_from_email(self, address: str) -> list[EmailAddress]:
        return list(_parse((address,), "from_email"))

    def known_reply_to(self, addresses: Sequence[str]) -> list[EmailAddress]:
        return list(_parse(tuple(addresses), "reply_to"))

    def serialize_data(self) -> bytes:
        if self.is_plain:
            try:
                return msgspec.json.encode(self.data)
            except (TypeError, UnicodeEncodeError, msgspec.MsgspecError):
                pass  # Anymail knows how to write it, or to refuse.
        json: str = super().serialize_data()
        return json.encode()


class _Postmark(LeanPayload, PostmarkPayload):  # type: ignore[misc]  # As above.
    endpoint = "email"


class _Resend(LeanPayload, ResendPayload):  # type: ignore[misc]  # As above.
    endpoint = "emails"


_LEAN: dict[str, type[LeanPayload]] = {Provider.POSTMARK: _Postmark, Provider.RESEND: _Resend}


def make_lean(backend: Any, provider: str) -> None:
    """Let this backend build lean payloads from now on, if there are any for its provider."""
    if payload := _LEAN.get(provider):

        def build(message: AnymailMessage, defaults: dict[str, Any]) -> LeanPayload:
            return payload(message, defaults, backend)

        backend.build_message_payload = build


@lru_cache(maxsize=1_000)
def _parse(addresses: tuple[str, ...], field: str) -> tuple[EmailAddress, ...]:
    return tuple(parse_address_list(list(addresses), field=field))
