"""What the OpenAPI document says of suppressions and consents. See `openapi`."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from automation.api.openapi import BODY, NEXT, PAGE_OF_LIST, Operation, responses
from automation.api.read_suppressions import MAX_ADDRESSES, SAYABLE
from suppression.models import Reason, Scope

_ADDRESSES_HELP: Final = "Addresses, and “@” and a domain for all addresses of it."
_TOPIC_HELP: Final = "A topic's key."
_SAYABLE: Final = [(one.value, one.label) for one in SAYABLE]


def _addresses(what: str) -> Any:
    return serializers.ListField(child=serializers.CharField(), min_length=1, max_length=MAX_ADDRESSES, help_text=what)


class NewSuppressions(serializers.Serializer[Any]):
    addresses = _addresses(_ADDRESSES_HELP)
    reason = serializers.ChoiceField(_SAYABLE, required=False, help_text="Left out: manual.")
    scope = serializers.ChoiceField(Scope.choices, required=False, help_text="Left out: as the reason has it.")
    topic = serializers.CharField(required=False, help_text=_TOPIC_HELP)
    note = serializers.CharField(required=False, max_length=2000)
    expires_at = serializers.DateTimeField(required=False, help_text="Left out: never.")


class Added(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="How many are news.")


class Lift(serializers.Serializer[Any]):
    addresses = _addresses(_ADDRESSES_HELP)
    reason = serializers.ChoiceField(Reason.choices, help_text="Only what stands for this reason.")
    topic = serializers.CharField(required=False, help_text=f"{_TOPIC_HELP} Left out: what is about no single topic.")


class Lifted(serializers.Serializer[Any]):
    lifted = serializers.IntegerField()


class Question(serializers.Serializer[Any]):
    addresses = _addresses("Addresses.")
    topic = serializers.CharField(required=False, help_text=f"{_TOPIC_HELP} Left out: transactional mail.")
    region = serializers.CharField(required=False, max_length=16, help_text="By whose law: EU, US-CA, …")


class SuppressionVerdict(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Why not.")


class SuppressionVerdicts(serializers.Serializer[Any]):
    results = SuppressionVerdict(many=True)


class Suppression(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    address = serializers.CharField(allow_null=True, help_text="Null where only its hash is kept.")
    hash = serializers.CharField()
    scope = serializers.CharField()
    topic = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # A field here, in spite of its name.
    note = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class Suppressions(serializers.Serializer[Any]):
    suppressions = Suppression(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


class NewConsent(serializers.Serializer[Any]):
    address = serializers.CharField()
    topic = serializers.CharField(help_text=_TOPIC_HELP)
    decision = serializers.ChoiceField(["granted", "withdrawn"], required=False, help_text="Or `double_opt_in`.")
    double_opt_in = serializers.BooleanField(required=False, help_text="Ask the person by mail; see `status`.")
    language = serializers.CharField(required=False, max_length=35, help_text="Of the mail that asks.")
    wording = serializers.CharField(required=False, max_length=2000, help_text="What was agreed to, word for word.")
    purpose = serializers.CharField(required=False, max_length=200, help_text="Left out: the topic's name.")
    ip = serializers.CharField(required=False, max_length=50)
    user_agent = serializers.CharField(required=False, max_length=500)
    proof = serializers.DictField(required=False, help_text="Whatever else shows it: a form, an order, a page.")


class ConsentStatus(serializers.Serializer[Any]):
    status = serializers.CharField(
        help_text="granted, withdrawn; asked: a mail goes out; asked_before: one did within 24 hours, so none does."
    )


LIST_SUPPRESSIONS: Final[Operation] = {
    "operation_id": "list_suppressions",
    "tags": ["suppressions"],
    "summary": "Whom not to mail, oldest first.",
    "parameters": PAGE_OF_LIST,
    "responses": responses({200: OpenApiResponse(Suppressions)}, 422),
}
ADD_SUPPRESSIONS: Final[Operation] = {
    "operation_id": "add_suppressions",
    "tags": ["suppressions"],
    "summary": f"Suppress up to {MAX_ADDRESSES:,} addresses or domains.",
    "description": "Obeyed by the very next mail. Sent again, it changes nothing.",
    "request": NewSuppressions,
    "responses": responses({200: OpenApiResponse(Added)}, *BODY),
    "examples": [OpenApiExample("Two", {"addresses": ["ana@example.com", "@example.net"]}, request_only=True)],
}
LIFT_SUPPRESSIONS: Final[Operation] = {
    "operation_id": "lift_suppressions",
    "tags": ["suppressions"],
    "summary": "Take back what stands of addresses for one reason.",
    "description": "Who has withdrawn consent stays out until a new one: the ledger is not changed.",
    "request": Lift,
    "responses": responses({200: OpenApiResponse(Lifted)}, *BODY),
    "examples": [
        OpenApiExample("A bounce", {"addresses": ["ana@example.com"], "reason": "hard_bounce"}, request_only=True)
    ],
}
CHECK_SUPPRESSIONS: Final[Operation] = {
    "operation_id": "check_suppressions",
    "tags": ["suppressions"],
    "summary": "Whether addresses may be mailed, in the order of the question.",
    "request": Question,
    "responses": responses({200: OpenApiResponse(SuppressionVerdicts)}, *BODY),
    "examples": [OpenApiExample("A receipt", {"addresses": ["ana@example.com"]}, request_only=True)],
}
POST_CONSENT: Final[Operation] = {
    "operation_id": "post_consent",
    "tags": ["consents"],
    "summary": "Enter a consent or a withdrawal in the ledger, or have the person asked.",
    "request": NewConsent,
    "responses": responses(
        {
            201: OpenApiResponse(ConsentStatus, "Entered."),
            202: OpenApiResponse(ConsentStatus, "A mail asks the person to confirm."),
            200: OpenApiResponse(ConsentStatus, "Such a mail went out within 24 hours; no other does."),
        },
        *BODY,
        409,
    ),
    "examples": [
        OpenApiExample(
            "A form",
            {"address": "ana@example.com", "topic": "offers", "decision": "granted", "ip": "192.0.2.7"},
            request_only=True,
        )
    ],
}
