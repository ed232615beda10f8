"""Understand: from a stored call to notices, each about one mail, in one language for all ESPs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from traceback import extract_tb
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from anymail.exceptions import AnymailConfigurationError
from django.core.handlers.wsgi import WSGIRequest

from automation.core.paths import MISSING, look_up
from automation.delivery.email import MESSAGE_ID
from automation.delivery.feedback import NAMESPACE
from suppression.address import InvalidAddress, hash_address
from webhooks.classify import classify, is_machine
from webhooks.dialects.base import Dialect
from webhooks.door import Door
from webhooks.kinds import Kind
from webhooks.models import InboxEvent
from webhooks.split import split

MAX_ID = 255  # As Message.esp_message_id has it.
MAX_URL = 2_000
MAX_AGENT = 500  # As Engagement.agent has it.


class Notice(NamedTuple):
    """What an ESP tells of one mail to one address."""

    key: UUID  # The same however often it is told.
    kind: Kind
    said: str  # The ESP's words for it.
    at: datetime
    message_id: UUID | None
    esp_message_id: str
    address_hash: bytes | None  # Of the address that the event names.
    url: str
    agent: str  # Of opens and clicks: the program.
    is_machine: bool  # The ESP says so.


class Unread(NamedTuple):
    """An event of a call that takes no effect, or the whole call."""

    reason: str  # Names places in the code, never what stands in the body.
    position: int | None = None  # Which event; None: the whole call.
    body: bytes = b""  # As if the event had come alone.


class Understanding(NamedTuple):
    notices: list[Notice]
    unread: list[Unread]


def understand(row: InboxEvent, door: Door) -> Understanding:
    """All notices of a call. An event that cannot be read costs no other. Never raises."""
    whole = _try(row, bytes(row.body), door)
    if isinstance(whole, list):
        return Understanding(whole, [])
    bodies = _bodies(row, door)
    if len(bodies) < 2:
        return Understanding([], [Unread(whole)])
    return _one_by_one(row, bodies, door)


def unread_event(row: InboxEvent, door: Door, key: UUID, reason: str) -> Unread:
    """The event behind the notice of this key, for a reason that was found after it had been read."""
    bodies = _bodies(row, door)
    for index, body in enumerate(bodies if len(bodies) > 1 else ()):
        notices = _try(row, body, door)
        if isinstance(notices, list) and key in {notice.key for notice in notices}:
            return Unread(reason, index, body)
    return Unread(reason)


def hash_or_none(recipient: str) -> bytes | None:
    try:
        return hash_address(recipient)
    except InvalidAddress:
        return None


def _one_by_one(row: InboxEvent, bodies: list[bytes], door: Door) -> Understanding:
    known = Understanding([], [])
    for index, body in enumerate(bodies):
        read = _try(row, body, door)
        if isinstance(read, list):
            known.notices.extend(read)
        else:
            known.unread.append(Unread(read, index, body))
    return known


def _bodies(row: InboxEvent, door: Door) -> list[bytes]:
    try:
        return split(bytes(row.body), door.dialect)
    except (ValueError, LookupError, TypeError, RecursionError):
        return []


def _try(row: InboxEvent, body: bytes, door: Door) -> list[Notice] | str:
    """The notices, or why there are none."""
    try:
        return _read(row, body, door)
    except Exception as error:  # noqa: BLE001 - Anymail stumbles in many ways over what it does not expect
        return _where(error)


def _read(row: InboxEvent, body: bytes, door: Door) -> list[Notice]:
    return [_notice(event, row, door) for event in door.view.parse_events(_request(row, body))]


def _request(row: InboxEvent, body: bytes) -> WSGIRequest:
    """The call as it came, as far as Anymail reads it."""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in row.headers.items()}
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": row.content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **headers,
        }
    )


def _notice(event: Any, row: InboxEvent, door: Door) -> Notice:
    kind, said = classify(event, door.dialect)
    at = _moment(event.timestamp, row.received_at)
    recipient, esp_message_id, url = _text(event.recipient), _text(event.message_id), _text(event.click_url)
    told = _identity(event, door.dialect) or [esp_message_id, str(event.timestamp), url]
    return Notice(
        key=uuid5(NAMESPACE, json.dumps([row.account_id, said, recipient.lower(), *told])),
        kind=kind,
        said=said,
        at=at,
        message_id=_our_id(event.metadata),
        esp_message_id=esp_message_id if len(esp_message_id) <= MAX_ID else "",
        address_hash=hash_or_none(recipient),
        url=url[:MAX_URL],
        agent=_text(event.user_agent)[:MAX_AGENT],
        is_machine=is_machine(event.esp_event, door.dialect),
    )


def _identity(event: Any, dialect: Dialect) -> list[str]:
    """By what the ESP itself knows the event. Empty: by nothing."""
    own = look_up(event.esp_event, dialect.event_id) if dialect.event_id else MISSING
    if own is not MISSING:
        return [_text(own), str(event.timestamp)]
    return [_text(event.event_id)] if event.event_id else []


def _moment(told: datetime | None, received_at: datetime) -> datetime:
    """When it happened. Nothing is reported before it happens: where clocks or zones say so, they are wrong."""
    if told is None:
        return received_at
    return min(told if told.tzinfo else told.replace(tzinfo=UTC), received_at)


def _our_id(metadata: Any) -> UUID | None:
    try:
        return UUID(metadata[MESSAGE_ID]) if isinstance(metadata, Mapping) and MESSAGE_ID in metadata else None
    except (ValueError, AttributeError, TypeError):
        return None  # Somebody else's, who sends through the same account.


def _text(value: Any) -> str:
    """As text that PostgreSQL takes: no NUL, no half of a surrogate pair."""
    text = "" if value is None else str(value)
    return text.replace("\0", "").encode(errors="replace").decode()


def _where(error: Exception) -> str:
    """What went wrong and where in the code, but not over which value: bodies hold addresses."""
    if isinstance(error, AnymailConfigurationError):
        return str(error)  # "You seem to have set …": for people to read, about settings only.
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name} ({Path(place.filename).name}:{place.lineno})"
