"""POST /api/v1/events/ and /api/v1/events/batch/: backend services tell what happened."""

from typing import Final

import msgspec
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.api.parsers import body_of
from automation.api.problems import problem, refusal, respond
from automation.api.throttle import count
from automation.core.faults import Fault, Refused
from automation.core.json import JsonObject
from automation.core.strict_json import UNREADABLE, unreadable
from automation.events.ingest import Outcome, Receipt
from automation.events.receive import receive, receive_one

MAX_BATCH = 1_000

STATUS: Final = {Outcome.ACCEPTED: 202, Outcome.KNOWN: 200, Outcome.CONFLICT: 409}


class EventsView(Endpoint):
    scope = Scope.EVENTS_WRITE

    @extend_schema(**openapi.POST_EVENT)
    def post(self, request: Request) -> Response:
        result = _result(receive_one(body_of(request)))
        return respond(result["problem"]) if "problem" in result else Response(result, result["status"])


class BatchView(Endpoint):
    scope = Scope.EVENTS_WRITE

    @extend_schema(**openapi.POST_BATCH)
    def post(self, request: Request) -> Response:
        events = _split(body_of(request))
        count(self.key, len(events) - 1)
        receipts = receive(events, at=timezone.now())
        return Response({"results": [_result(one, below=f"/events/{n}") for n, one in enumerate(receipts)]})


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


def _split(body: bytes) -> list[bytes]:
    """The events of a batch, each still as it was written, so that a bad one costs no other."""
    try:
        events = msgspec.json.decode(body, type=_Batch).events
    except msgspec.ValidationError as error:
        raise Refused(
            Fault("", "wrong_type", "Expected an object with one field, “events”, which is a list.")
        ) from error
    except UNREADABLE as error:
        raise unreadable(error, body) from error
    if not 1 <= len(events) <= MAX_BATCH:
        raise Refused(Fault("/events", "bad_length", f"Expected 1 to {MAX_BATCH:,} events."))
    raws = [bytes(event) for event in events]
    if body.count(b":") != 1 + sum(raw.count(b":") for raw in raws):  # Of two lists, msgspec keeps the last.
        raise Refused(Fault("", "duplicate_key", "The key “events” appears twice."))
    return raws


def _result(receipt: Receipt, *, below: str = "") -> JsonObject:
    """What the client hears of one event. `below` points to it in the request."""
    event_id = receipt.event_id and str(receipt.event_id)
    if receipt.outcome is Outcome.INVALID:
        trouble = refusal(receipt.faults, below=below)
    elif receipt.outcome is Outcome.CONFLICT:
        trouble = problem(409, "An event with this event_id and other content is known. It was left as it is.")
    else:
        return {"event_id": event_id, "status": STATUS[receipt.outcome]}
    return {"event_id": event_id, "status": trouble["status"], "problem": trouble}
