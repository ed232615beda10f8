"""Reading what backend services tell about a contact."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from automation.contacts import foreign
from automation.core.faults import Fault, Refused
from automation.core.fields import BadValue, Reader, an_object, read_fields, text
from automation.core.json import Json
from automation.core.residency import is_held_here
from automation.core.strict_json import parse_object
from suppression.address import InvalidAddress, validate

# Rules and templates read all attributes of everybody they look at.
MAX_CONTACT_BYTES = 64 * 1024
MAX_EXTERNAL_ID = 200  # As the model has it.

_is_language = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE).fullmatch
_is_region = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,12})?", re.IGNORECASE).fullmatch


def read_contact(raw: bytes) -> dict[str, Any]:
    """The fields of Contact that a JSON object (UTF-8) gives, and no others; null empties one. Raises Refused."""
    if len(raw) > MAX_CONTACT_BYTES:
        raise Refused(Fault("", "too_large", f"A contact may have {MAX_CONTACT_BYTES // 1024} KiB at most."))
    return read_fields(parse_object(raw), _READERS)


def read_changes(fields: Mapping[str, Json]) -> dict[str, Any]:
    """The same, of fields in hand."""
    return read_fields(fields, _READERS)


def read_external_id(value: str) -> str:
    """The id that an address names, exact to the last space. Raises Refused."""
    if not 1 <= len(value) <= MAX_EXTERNAL_ID or "\x00" in value:
        message = f"A contact's id has 1 to {MAX_EXTERNAL_ID} characters, and not the character U+0000."
        raise Refused(Fault("", "bad_external_id", message))
    return value


def _email(value: Json) -> str:
    try:
        return validate(text(value, limit=1_000))
    except InvalidAddress as error:
        raise BadValue(error.reason, str(error)) from error


def _time_zone(value: Json) -> str:
    if not isinstance(value, str) or value not in _time_zones():
        raise BadValue("unknown_time_zone", "Expected the IANA name of a time zone, such as Europe/Lisbon.")
    return value


@cache  # It reads the disk.
def _time_zones() -> set[str]:
    return available_timezones()


def _language(value: Json) -> str:
    """Well-formed by BCP 47 (RFC 5646), in its recommended case: `pt-BR`, `zh-Hant-TW`."""
    if not _is_language(tag := text(value, limit=35)):
        raise BadValue("bad_language", "Expected a language tag (BCP 47), such as pt-BR.")
    first, *rest = tag.lower().split("-")
    return "-".join([first, *(_subtag(one) for one in rest)])


def _subtag(subtag: str) -> str:
    if subtag.isalpha() and len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if subtag.isalpha() and len(subtag) == 4 else subtag


def _region(value: Json) -> str:
    if not _is_region(region := text(value, limit=16)):
        raise BadValue("bad_region", "Expected a region by whose law to treat this person, such as EU, US or US-CA.")
    region = region.upper()
    if not is_held_here(region):
        raise BadValue(foreign.CODE, foreign.MESSAGE)
    return region


def _or(empty: Callable[[], Any], reader: Reader) -> Reader:
    return lambda value: empty() if value is None else reader(value)


_READERS: Final[dict[str, Reader]] = {
    "email": _or(str, _email),
    "attributes": _or(dict, an_object),
    "time_zone": _or(str, _time_zone),
    "language": _or(str, _language),
    "region": _or(str, _region),
}
