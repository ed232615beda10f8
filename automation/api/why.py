"""GET /api/v1/contacts/{external_id}/why/?flow=…: why somebody got a flow's mail, or why not."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.contacts.models import Contact
from automation.contacts.read import read_external_id
from automation.core.faults import Fault, Refused
from automation.enrollments.why import why
from automation.flows.models import Flow


class WhyView(Endpoint):
    scope = Scope.CONTACTS_WRITE

    @extend_schema(**openapi.WHY)
    def get(self, request: Request, external_id: str) -> Response:
        contact = Contact.objects.filter(external_id=read_external_id(external_id)).first()
        if contact is None:
            raise NotFound("There is no contact with this id.")
        checks = why(contact, _flow(request.query_params.get("flow", "")), at=timezone.now())
        return Response({"checks": [check._asdict() for check in checks]})


def _flow(key: str) -> Flow:
    flows = Flow.objects.select_related("live_version__trigger", "sender__account")
    if "\0" in key or not (flow := flows.filter(key=key).first()):
        raise Refused(Fault("/flow", "unknown_flow", "Name a flow by its key, as in ?flow=welcome."))
    return flow
