"""/api/v1/suppressions/: backend services tell whom not to mail, ask about it, and lift what they were wrong about.

Addresses stand in bodies and never in URLs, which end up in logs.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi_suppressions as openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.api.pages import read_page
from automation.api.parsers import body_of
from automation.api.read_suppressions import read_lift, read_question, read_suppressions
from automation.core.faults import Fault, Refused
from automation.core.json import JsonObject
from suppression.address import hash_address, hash_domain
from suppression.lift import lift
from suppression.models import Reason, Suppression
from suppression.models import Scope as Reach
from suppression.policy import Addressee, check_many
from suppression.suppress import Entry, suppress_many


class SuppressionsView(Endpoint):
    @property
    def scope(self) -> Scope:  # type: ignore[override]  # Of one view, it depends on what is done.
        return Scope.SUPPRESSIONS_READ if self.request.method == "GET" else Scope.SUPPRESSIONS_WRITE

    @extend_schema(**openapi.LIST_SUPPRESSIONS)
    def get(self, request: Request) -> Response:
        after, limit = read_page(request.query_params)
        rows = list(Suppression.objects.filter(pk__gt=after).order_by("pk").select_related("topic")[:limit])
        return Response({"suppressions": [_shown(row) for row in rows], "next": rows[-1].pk if rows else None})

    @extend_schema(**openapi.ADD_SUPPRESSIONS)
    def post(self, request: Request) -> Response:
        fields = read_suppressions(body_of(request))
        topic, scope = fields.get("topic"), fields.get("scope")
        if topic and scope == Reach.ALL:
            raise Refused(Fault("/scope", "bad_scope", "A topic is marketing: choose that scope, or no topic."))
        entries = [
            Entry(
                address_hash=hash_domain(one) if one.startswith("@") else hash_address(one),
                reason=Reason(fields.get("reason", Reason.MANUAL)),
                scope=Reach(scope) if scope else None,
                topic_id=topic and topic.pk,
                source=f"API key {self.key.name}",
                note=fields.get("note", ""),
                expires_at=fields.get("expires_at"),
                address=one,
            )
            for one in fields["addresses"]
        ]
        return Response({"added": len(suppress_many(entries, at=timezone.now()))})


class LiftView(Endpoint):
    scope = Scope.SUPPRESSIONS_WRITE

    @extend_schema(**openapi.LIFT_SUPPRESSIONS)
    def post(self, request: Request) -> Response:
        fields = read_lift(body_of(request))
        return Response({"lifted": lift(fields["addresses"], reason=fields["reason"], topic=fields.get("topic"))})


class CheckView(Endpoint):
    scope = Scope.SUPPRESSIONS_READ

    @extend_schema(**openapi.CHECK_SUPPRESSIONS)
    def post(self, request: Request) -> Response:
        fields = read_question(body_of(request))
        topic, addresses = fields.get("topic"), fields["addresses"]
        for number, one in enumerate(addresses):
            if one.startswith("@"):
                raise Refused(Fault(f"/addresses/{number}", "not_an_address", "Expected an address, not a domain."))
        asked = [Addressee.of(one, topic and topic.pk, fields.get("region", "")) for one in addresses]
        verdicts = check_many(asked, at=timezone.now())
        return Response({"results": [{"allowed": one.allowed, "reason": one.reason} for one in verdicts]})


def _shown(row: Suppression) -> JsonObject:
    shown: dict[str, Any] = {
        "id": row.pk,
        "address": row.address or None,
        "hash": bytes(row.address_hash).hex(),
        "scope": row.scope,
        "topic": row.topic and row.topic.key,
        "reason": row.reason,
        "source": row.source,
        "note": row.note,
        "expires_at": row.expires_at,
        "created_at": row.created_at,
    }
    return shown
