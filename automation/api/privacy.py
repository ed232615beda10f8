"""GET and DELETE /api/v1/privacy/{external_id}/: all that is known of a person, and its end."""

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.contacts.models import Contact
from automation.contacts.read import read_external_id
from automation.privacy.erase import erase
from automation.privacy.export import export

_UNKNOWN = "There is no contact with this id."


class PrivacyView(Endpoint):
    scope = Scope.PRIVACY

    @extend_schema(**openapi.EXPORT_CONTACT)
    def get(self, request: Request, external_id: str) -> StreamingHttpResponse:
        contact = Contact.objects.filter(external_id=read_external_id(external_id)).first()
        if contact is None:
            raise NotFound(_UNKNOWN)
        return StreamingHttpResponse(export(contact), content_type="application/json")

    @extend_schema(**openapi.ERASE_CONTACT)
    def delete(self, request: Request, external_id: str) -> Response:
        erased = erase(external_id=read_external_id(external_id), by=f"API key {self.key.name}")
        if erased is None:
            raise NotFound(_UNKNOWN)
        return Response({"events": erased.events, "enrollments": erased.enrollments, "messages": erased.messages})
