"""One row of somebody's list, as an entry of ours. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from suppression.address import canonical, canonical_domain, hash_address, hash_domain
from suppression.lists.formats import Format, Time
from suppression.lists.safe_csv import rearm
from suppression.models import Reason, Scope
from suppression.suppress import Entry

# Whose columns are ours: besides what every format has, they say how far, until when, and by which hash.
OWN = "signalpost"


class BadRow(ValueError):
    """Why a row cannot be taken. Its text is for people and never repeats the address."""


def read_row(
    row: Mapping[str, str], one: Format, *, own: bool, source: str, topics: Mapping[str, int], topic_id: int | None
) -> Entry:
    """Raises BadRow, or InvalidAddress. `topics`: ids by key, for our own export; `topic_id`: for who unsubscribed."""
    address = next((text for name in one.address if (text := row.get(name, "").strip())), "")
    if own:
        return _own(row, rearm(address), topics)
    reason = _reason(row, one)
    note = row.get(one.note, "")[:500] if one.note else ""
    evidence = {"told_at": at.isoformat()} if (at := _time(row, one)) else {}
    return Entry(
        **_who(address),
        reason=reason,
        source=source,
        topic_id=topic_id if reason == Reason.UNSUBSCRIBED else None,
        evidence=evidence | ({"said": note} if note else {}),
    )


def _own(row: Mapping[str, str], address: str, topics: Mapping[str, int]) -> Entry:
    topic = row.get("topic", "")
    if topic and topic not in topics:
        raise BadRow("There is no topic with this key.")
    try:
        reason, scope = Reason(row.get("reason", "")), Scope(row.get("scope", ""))
    except ValueError as error:
        raise BadRow("Its reason or its scope is not one of ours.") from error
    return Entry(
        **_who(address, row.get("hash", ""), row.get("key_version", "")),
        reason=reason,
        scope=scope,
        topic_id=topics[topic] if topic else None,
        source=rearm(row.get("source", ""))[:200],
        note=rearm(row.get("note", "")),
        expires_at=_instant(row.get("expires_at", "")),
    )


def _who(address: str, known_hash: str = "", version: str = "") -> dict[str, Any]:
    """Of an address, of a domain ("@example.com"), or only of a hash."""
    if not address and known_hash:
        try:
            return {"address_hash": _hash(known_hash), "key_version": int(version)}
        except ValueError as error:
            raise BadRow("Its hash or its key's version is not one of ours.") from error
    if address.startswith("@"):
        return {"address_hash": hash_domain(address), "address": "@" + canonical_domain(address)}
    return {"address_hash": hash_address(address), "address": canonical(address)}


def _hash(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != 32:
        raise ValueError(text)
    return digest


def _reason(row: Mapping[str, str], one: Format) -> Reason:
    if not one.reason_column:
        return one.reason
    word = row.get(one.reason_column, "").strip().lower()
    if word not in one.reasons:
        raise BadRow(f"Its reason is none that {one.title.partition(':')[0]} is known to give.")
    return one.reasons[word]


def _time(row: Mapping[str, str], one: Format) -> datetime | None:
    """When it was told. A time that cannot be read costs nobody an opt-out."""
    text = row.get(one.at, "").strip() if one.at else ""
    try:
        if one.time == Time.UNIX:
            return datetime.fromtimestamp(float(text), UTC) if text else None
        return parsedate_to_datetime(text) if one.time == Time.MAIL and text else _instant(text)
    except (ValueError, OverflowError, OSError, TypeError, BadRow):
        return None


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    found = parse_datetime(text.strip().replace(" UTC", "Z"))
    if found is None:
        raise BadRow("It has a time that cannot be read.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
