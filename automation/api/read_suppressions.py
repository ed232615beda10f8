"""Reading what backend services say about who must not be mailed, and who agreed to be."""

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final

from automation.core.faults import Fault, Refused
from automation.core.fields import BadValue, Reader, an_object, read_fields, text
from automation.core.json import Json
from automation.core.strict_json import parse_object
from suppression.address import InvalidAddress, canonical, canonical_domain
from suppression.models import Reason, Scope, Topic

MAX_ADDRESSES = 1_000
# What a service may say of an address. The others are told by ESPs, by people themselves, or by the engine.
SAYABLE: Final = (Reason.MANUAL, Reason.UNSUBSCRIBED, Reason.HARD_BOUNCE, Reason.COMPLAINT, Reason.IMPORTED)


def read_suppressions(raw: bytes) -> dict[str, Any]:
    return read_fields(parse_object(raw), _SUPPRESSIONS, required=["addresses"])


def read_question(raw: bytes) -> dict[str, Any]:
    return read_fields(parse_object(raw), _QUESTION, required=["addresses"])


def read_lift(raw: bytes) -> dict[str, Any]:
    return read_fields(parse_object(raw), _LIFT, required=["addresses", "reason"])


def read_consent(raw: bytes) -> dict[str, Any]:
    """With `double_opt_in`, the decision is the person's to make, so none is given."""
    fields = read_fields(parse_object(raw), _CONSENT, required=["address", "topic"])
    if fields.get("double_opt_in", False) == ("decision" in fields):
        raise Refused(Fault("/decision", "missing", "Give either a decision or “double_opt_in”: true."))
    return fields


def _addresses(value: Json) -> list[str]:
    """Canonical ones, and domains as "@example.com"."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ADDRESSES:
        raise BadValue("bad_length", f"Expected a list of 1 to {MAX_ADDRESSES:,} addresses.")
    found = []
    for number, one in enumerate(value):
        try:
            found.append(_address_or_domain(one))
        except BadValue as error:
            raise BadValue(error.code, f"Address {number + 1}: {error.message}") from error
    return found


def _address_or_domain(value: Json) -> str:
    typed = text(value, limit=1_000)
    try:
        return f"@{canonical_domain(typed)}" if typed.startswith("@") else canonical(typed)
    except InvalidAddress as error:
        raise BadValue(error.reason, str(error)) from error


def _address(value: Json) -> str:
    found = _address_or_domain(value)
    if found.startswith("@"):
        raise BadValue("not_an_address", "Expected an address: a domain agrees to nothing.")
    return found


def _topic(value: Json) -> Topic:
    topic = Topic.objects.filter(key=_plain(value)).first()
    if topic is None:
        raise BadValue("unknown_topic", "There is no topic with this key.")
    return topic


def _plain(value: Json, limit: int = 200) -> str:
    found = text(value, limit=limit)
    if "\x00" in found:
        raise BadValue("bad_character", "The character U+0000 cannot be stored.")
    return found


def _one_of(*values: str) -> Reader:
    def read(value: Json) -> str:
        if value not in values:
            raise BadValue("unknown_value", f"Expected one of: {', '.join(values)}.")
        return str(value)

    return read


def _instant(value: Json) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 <= found.year < 9999:
        raise BadValue("bad_time", "Expected a time in ISO 8601 with an offset, from the year 2000 on.")
    return found


def _ip(value: Json) -> str:
    try:
        return str(ip_address(_plain(value, 50).partition("%")[0]))
    except ValueError as error:
        raise BadValue("bad_ip", "Expected an IP address.") from error


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise BadValue("wrong_type", "Expected true or false.")
    return value


def _of(limit: int) -> Callable[[Json], str]:
    return lambda value: _plain(value, limit)


_SUPPRESSIONS: Final[dict[str, Reader]] = {
    "addresses": _addresses,
    "reason": _one_of(*SAYABLE),
    "scope": _one_of(*Scope.values),
    "topic": _topic,
    "note": _of(2_000),
    "expires_at": _instant,
}
_QUESTION: Final[dict[str, Reader]] = {"addresses": _addresses, "topic": _topic, "region": _of(16)}
_LIFT: Final[dict[str, Reader]] = {"addresses": _addresses, "reason": _one_of(*Reason.values), "topic": _topic}
_CONSENT: Final[dict[str, Reader]] = {
    "address": _address,
    "topic": _topic,
    "decision": _one_of("granted", "withdrawn"),
    "double_opt_in": _flag,
    "language": _of(35),
    "wording": _of(2_000),
    "purpose": _of(200),
    "ip": _ip,
    "user_agent": _of(500),
    "proof": an_object,
}
