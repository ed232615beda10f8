"""Export: everything that is known of a person, as one JSON document (GDPR art. 15 and 20)."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import msgspec
from django.db.models import F, QuerySet
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.json import JsonObject
from automation.delivery.models import Attempt, Engagement
from automation.enrollments.models import StepRun
from automation.hooks.models import HookCall
from automation.privacy.addresses import addresses_of, hashes_of
from suppression.models import Consent, Suppression

# Rows in memory at once, of however many there are.
CHUNK = 500

_encode = partial(msgspec.json.encode, enc_hook=lambda value: bytes(value).hex())


def export(contact: Contact) -> Iterator[bytes]:
    """The document, piece by piece, in constant memory. Reads only; what changes meanwhile may be in it or not.

    Members: `exported_at`, `contact`, and lists of objects for all else. Times are ISO 8601. What a person was sent
    follows from a message's template version and values.
    """
    yield b'{"exported_at":' + _encode(timezone.now()) + b',"contact":' + _encode(_contact(contact))
    for name, rows in _sections(contact):
        yield b',"' + name.encode() + b'":['
        yield from _joined(rows)
        yield b"]"
    yield b"}\n"


def _contact(contact: Contact) -> JsonObject:
    moments = {name: getattr(contact, name) for name in ("created_at", "updated_at", "engaged_at", "erased_at")}
    return {**contact.facts(), **moments}


def _sections(contact: Contact) -> Iterator[tuple[str, Iterable[Any]]]:
    hashes = hashes_of(addresses_of(contact))
    yield (
        "events",
        _rows(
            contact.events.order_by("received_at"),
            *("id", "occurred_at", "received_at", "payload", "metadata", "status", "decisions"),
            name=F("event_type__name"),
        ),
    )
    yield (
        "enrollments",
        _rows(
            contact.enrollments.order_by("pk"),
            *("id", "event_id", "awaited_id", "entry_key", "status", "step_key"),
            *("due_at", "waits_until", "entered_at", "ended_at"),
            flow_key=F("flow__key"),
            version=F("flow_version__number"),
        ),
    )
    yield (
        "holdouts",
        _rows(contact.holdouts.order_by("pk"), "entry_key", "scope", "held_out_at", flow_key=F("flow__key")),
    )
    runs = StepRun.objects.filter(enrollment__contact=contact).order_by("enrollment", "visit")
    yield "step_runs", _rows(runs, "enrollment_id", "step_key", "visit", "result", "ran_at")
    yield (
        "messages",
        _rows(
            contact.messages.order_by("pk"),
            *("id", "enrollment_id", "step_key", "to_email", "language", "values", "lane", "status", "reason"),
            *("created_at", "sent_at", "delivered_at", "opened_at", "clicked_at", "bounced_at", "complained_at"),
            template=F("template_version__template__key"),
            template_number=F("template_version__number"),
            topic_key=F("topic__key"),
        ),
    )
    attempts = Attempt.objects.filter(message__contact=contact).order_by("pk")
    yield (
        "attempts",
        _rows(attempts, "message_id", "number", "outcome", "status_code", "detail", "began_at", "ended_at"),
    )
    calls = HookCall.objects.filter(contact=contact).order_by("pk")
    yield "hook_calls", _rows(calls, "id", "enrollment_id", "step_key", "url", "body", "status", "created_at")
    engagements = Engagement.objects.filter(message__contact=contact).order_by("at", "pk")
    yield "opens_and_clicks", _rows(engagements, "message_id", "is_click", "at", "url", "agent", "signs")
    yield (
        "consent",
        _rows(
            Consent.objects.filter(address_hash__in=hashes).order_by("pk"),
            *("decision", "purpose", "wording_version", "source", "ip", "user_agent", "proof", "at"),
            topic_key=F("topic__key"),
        ),
    )
    yield (
        "suppressions",
        _rows(
            Suppression.objects.filter(address_hash__in=hashes).order_by("pk"),
            *("scope", "reason", "source", "evidence", "note", "expires_at", "created_at"),
            topic_key=F("topic__key"),
        ),
    )


def _rows(rows: QuerySet[Any], *names: str, **more: F) -> Iterable[Any]:
    return rows.values(*names, **more).iterator(chunk_size=CHUNK)


def _joined(rows: Iterable[Any]) -> Iterator[bytes]:
    encoded = (_encode(row) for row in rows)
    first = next(encoded, b"")
    return chain([first], (b",\n" + row for row in encoded))
