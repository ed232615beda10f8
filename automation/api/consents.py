"""POST /api/v1/consents/: backend services tell who agreed to what, or have people asked."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi_suppressions as openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.api.parsers import body_of
from automation.api.problems import problem, respond
from automation.api.read_suppressions import read_consent
from automation.delivery.ask_to_confirm import Answer, ask_to_confirm
from suppression.ledger import Agreement, Known, Proof, agree, leave

NOT_SET_UP = "Nobody has said yet with which mail people are asked to confirm: see “Double opt-in” in the admin."


class ConsentsView(Endpoint):
    scope = Scope.CONSENTS_WRITE

    @extend_schema(**openapi.POST_CONSENT)
    def post(self, request: Request) -> Response:
        fields = read_consent(body_of(request))
        proof = Proof(
            source=f"API key {self.key.name}",
            ip=fields.get("ip"),
            user_agent=fields.get("user_agent", ""),
            details=fields.get("proof", {}),
        )
        if fields.get("double_opt_in"):
            return _ask(fields, proof)
        _enter(fields, proof)
        return Response({"status": fields["decision"]}, 201)


def _ask(fields: dict[str, Any], proof: Proof) -> Response:
    answer = ask_to_confirm(
        address=fields["address"],
        topic=fields["topic"],
        language=fields.get("language", ""),
        proof=proof,
        at=timezone.now(),
    )
    if answer is Answer.NOT_SET_UP:
        return respond(problem(409, NOT_SET_UP))
    return Response({"status": answer.value}, 202 if answer is Answer.ASKED else 200)


def _enter(fields: dict[str, Any], proof: Proof) -> None:
    who, topic, at = Known.of(fields["address"]), fields["topic"], timezone.now()
    if fields["decision"] == "withdrawn":
        leave(who=who, topic=topic, proof=proof, at=at)
        return
    wording, purpose = fields.get("wording", ""), fields.get("purpose", topic.name)
    agree(who=who, agreements=[Agreement(topic=topic, wording=wording, purpose=purpose)], proof=proof, at=at)
