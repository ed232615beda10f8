"""What the OpenAPI document at /api/schema/ says. It describes; reading is done in automation/events and contacts.

The two are held together by tests/automation/api/test_openapi.py, which sends what this promises to be right.
"""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from automation.api.pages import MAX_PAGE, PAGE
from automation.api.problems import MEDIA_TYPE
from automation.contacts.read import MAX_EXTERNAL_ID
from automation.events.read import MAX_EVENT_TYPE

Operation = dict[str, Any]  # Arguments of extend_schema.


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "automation.api.auth.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sp_…"}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "format": "int64", "description": "Milliseconds since 1970."},
            {"type": "string", "format": "date-time", "description": "ISO 8601 with an offset."},
        ],
        "description": "When it happened, from the year 2000 to one day ahead. Left out: now.",
    }
)
class TimestampField(serializers.Field[Any, Any, Any, Any]):
    """Two spellings of one time."""


class Event(serializers.Serializer[Any]):
    event_id = serializers.UUIDField(help_text="Chosen by you. Sending it again changes nothing.")
    event_type = serializers.CharField(max_length=MAX_EVENT_TYPE, help_text="A known event type.")
    user_id = serializers.CharField(max_length=MAX_EXTERNAL_ID, help_text="Your id of the person; creates the contact.")
    timestamp = TimestampField(required=False)
    payload = serializers.DictField(required=False, help_text="As the event type's JSON Schema asks.")
    metadata = serializers.DictField(required=False, help_text="Whatever helps you to find it again.")


class Batch(serializers.Serializer[Any]):
    events = serializers.ListField(child=Event(), min_length=1, max_length=1000)


class Fault(serializers.Serializer[Any]):
    pointer = serializers.CharField(allow_blank=True, help_text="JSON pointer (RFC 6901) into the request.")
    code = serializers.CharField(help_text="For programs: missing, wrong_type, unknown_event_type, schema_minimum, …")
    detail = serializers.CharField(help_text="For people.")


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = Fault(many=True, required=False)  # type: ignore[assignment]  # A field here, in spite of its name.


class Result(serializers.Serializer[Any]):
    event_id = serializers.UUIDField(allow_null=True, help_text="Null if the event could not be read.")
    status = serializers.IntegerField(help_text="202 new, 200 known, 409 known with other content, 422 not valid, …")
    problem = Problem(required=False)


class Results(serializers.Serializer[Any]):
    results = Result(many=True)


class ContactChanges(serializers.Serializer[Any]):
    email = serializers.CharField(allow_null=True, required=False)
    attributes = serializers.DictField(allow_null=True, required=False, help_text="Replaced as a whole.")
    time_zone = serializers.CharField(allow_null=True, required=False, help_text="IANA name, such as Europe/Lisbon.")
    language = serializers.CharField(allow_null=True, required=False, help_text="BCP 47 tag, such as pt-BR.")
    region = serializers.CharField(allow_null=True, required=False, help_text="EU, US, US-CA, …")


class Contact(serializers.Serializer[Any]):
    external_id = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    attributes = serializers.DictField()
    time_zone = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class Known(serializers.Serializer[Any]):
    exported_at = serializers.DateTimeField()
    contact = serializers.DictField()
    events = serializers.ListField(child=serializers.DictField())
    enrollments = serializers.ListField(child=serializers.DictField())
    step_runs = serializers.ListField(child=serializers.DictField())
    messages = serializers.ListField(child=serializers.DictField())
    attempts = serializers.ListField(child=serializers.DictField())
    consent = serializers.ListField(child=serializers.DictField())
    suppressions = serializers.ListField(child=serializers.DictField())


class Erased(serializers.Serializer[Any]):
    events = serializers.IntegerField()
    enrollments = serializers.IntegerField()
    messages = serializers.IntegerField()


class Check(serializers.Serializer[Any]):
    about = serializers.CharField(help_text="flow, trigger, entry, holdout, enrollment, step, message or address.")
    good = serializers.BooleanField(help_text="It speaks for getting mail, or at least not against it.")
    said = serializers.CharField(help_text="A status, verdict or reason, as a code.")
    seen = serializers.DictField(help_text="The values behind it; of a rule, its trace.")
    at = serializers.DateTimeField(allow_null=True)
    id = serializers.CharField(allow_blank=True, help_text="Of the event, enrollment or message.")


class Checks(serializers.Serializer[Any]):
    checks = Check(many=True)


_PROBLEMS: Final = {
    400: "The body is no well-formed JSON in UTF-8.",
    401: "No API key, or one that is not known, revoked or expired.",
    403: "The API key lacks the scope.",
    404: "There is no such contact or segment.",
    409: "Nothing was changed: the event_id is known with other content, or there is no mail to ask with.",
    411: "The body was sent without a Content-Length.",
    413: "The body, or one thing in it, is too large.",
    415: "The body is not plain application/json.",
    422: "Well-formed, but not valid. `errors` points to each fault.",
    429: "Too many events with this key within this minute. Retry-After tells when to go on.",
    503: "The database is away and nothing was stored. Retry-After tells when to try again.",
}
BODY: Final = (400, 411, 413, 415, 422)
_ALWAYS: Final = (401, 403, 429, 503)


def responses(good: dict[int, OpenApiResponse], *problems: int) -> dict[Any, OpenApiResponse]:
    told = {(code, MEDIA_TYPE): OpenApiResponse(Problem, _PROBLEMS[code]) for code in sorted((*problems, *_ALWAYS))}
    return {**good, **told}


NEXT: Final = "Give it as `after` for the next page. Null: no more."
PAGE_OF_LIST: Final = [
    OpenApiParameter("after", OpenApiTypes.INT64, description="`next` of the page before."),
    OpenApiParameter("limit", OpenApiTypes.INT64, description=f"1 to {MAX_PAGE}; left out: {PAGE}."),
]
_EVENT_ID: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
_EVENT: Final = {
    "event_id": _EVENT_ID,
    "event_type": "OrderCompleted",
    "user_id": "4711",
    "timestamp": 1_772_366_400_000,
    "payload": {"order_id": "A-1001", "total": 49.9},
    "metadata": {"source": "shop"},
}
_REFUSED: Final = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "This field is required.",
    "errors": [{"pointer": "/events/1/payload/total", "code": "missing", "detail": "This field is required."}],
}

POST_EVENT: Final[Operation] = {
    "operation_id": "post_event",
    "tags": ["events"],
    "summary": "Tell that something happened.",
    "description": (
        "Answered only once the event is stored. An event_id counts once: sent again with the same content, in "
        "whatever order of keys, it is answered with 200 and has no second effect. So after a time-out, send it again."
    ),
    "request": Event,
    "responses": responses(
        {
            202: OpenApiResponse(Result, "Stored."),
            200: OpenApiResponse(Result, "Stored before, with the same content."),
        },
        *BODY,
        409,
    ),
    "examples": [OpenApiExample("An order", _EVENT, request_only=True)],
}

POST_BATCH: Final[Operation] = {
    "operation_id": "post_events",
    "tags": ["events"],
    "summary": "Tell that up to 1,000 things happened.",
    "description": (
        "Each event is judged alone, and one that is refused costs no other: `results` has the status of each, in the "
        "order sent. The call itself is answered with 200 once what is good in it is stored."
    ),
    "request": Batch,
    "responses": responses({200: OpenApiResponse(Results, "A result for each event.")}, *BODY),
    "examples": [
        OpenApiExample("Two orders", {"events": [_EVENT, {**_EVENT, "payload": {}}]}, request_only=True),
        OpenApiExample(
            "The second refused",
            {
                "results": [
                    {"event_id": _EVENT_ID, "status": 202},
                    {"event_id": _EVENT_ID, "status": 422, "problem": _REFUSED},
                ]
            },
            response_only=True,
            status_codes=["200"],
        ),
    ],
}

_EXTERNAL_ID: Final = OpenApiParameter("external_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Your id.")

PUT_CONTACT: Final[Operation] = {
    "operation_id": "put_contact",
    "tags": ["contacts"],
    "summary": "Create a contact, or change what is known of one.",
    "description": (
        "Fields that are left out stay as they are, and null empties one; so services that each know a part do not "
        "undo each other. `attributes` is one field: it is replaced as a whole."
    ),
    "parameters": [_EXTERNAL_ID],
    "request": ContactChanges,
    "responses": responses(
        {200: OpenApiResponse(Contact, "Changed."), 201: OpenApiResponse(Contact, "Created.")}, *BODY
    ),
    "examples": [
        OpenApiExample(
            "Ana",
            {
                "email": "ana@example.com",
                "attributes": {"name": "Ana", "plan": "pro"},
                "time_zone": "Europe/Lisbon",
                "language": "pt-PT",
                "region": "EU",
            },
            request_only=True,
        )
    ],
}

GET_CONTACT: Final[Operation] = {
    "operation_id": "get_contact",
    "tags": ["contacts"],
    "summary": "What is known of a contact.",
    "parameters": [_EXTERNAL_ID],
    "responses": responses({200: OpenApiResponse(Contact)}, 404, 422),
}

EXPORT_CONTACT: Final[Operation] = {
    "operation_id": "export_contact",
    "tags": ["privacy"],
    "summary": "Everything that is known of a person, as one file.",
    "parameters": [_EXTERNAL_ID],
    "responses": responses({200: OpenApiResponse(Known)}, 404, 422),
}

ERASE_CONTACT: Final[Operation] = {
    "operation_id": "erase_contact",
    "tags": ["privacy"],
    "summary": "Forget a person.",
    "description": (
        "Contact, events, enrollments and messages are emptied, and live flows are left; counts stay as they were. "
        "Marketing mail to the address stays suppressed, by a hash. An event of this user_id makes a new contact."
    ),
    "parameters": [_EXTERNAL_ID],
    "responses": responses({200: OpenApiResponse(Erased, "How many of each were emptied.")}, 404, 422),
}

WHY: Final[Operation] = {
    "operation_id": "why",
    "tags": ["contacts"],
    "summary": "Why a contact got a flow's mail, or why not.",
    "description": "Everything that was looked at, in order, also for those who never entered.",
    "parameters": [
        _EXTERNAL_ID,
        OpenApiParameter(
            "flow", OpenApiTypes.STR, OpenApiParameter.QUERY, required=True, description="The flow's key."
        ),
    ],
    "responses": responses({200: OpenApiResponse(Checks)}, 404, 422),
}
