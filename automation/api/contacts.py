"""PUT and GET /api/v1/contacts/{external_id}/: backend services tell whom events happen to."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.api.parsers import body_of
from automation.contacts.models import Contact
from automation.contacts.read import read_contact, read_external_id
from automation.contacts.upsert import upsert
from automation.core.json import JsonObject


class ContactView(Endpoint):
    scope = Scope.CONTACTS_WRITE

    @extend_schema(**openapi.PUT_CONTACT)
    def put(self, request: Request, external_id: str) -> Response:
        contact, created = upsert(external_id=read_external_id(external_id), changes=read_contact(body_of(request)))
        return Response(_representation(contact), 201 if created else 200)

    @extend_schema(**openapi.GET_CONTACT)
    def get(self, request: Request, external_id: str) -> Response:
        contact = Contact.objects.filter(external_id=read_external_id(external_id)).first()
        if contact is None:
            raise NotFound("There is no contact with this id.")
        return Response(_representation(contact))


def _representation(contact: Contact) -> JsonObject:
    return {
        "external_id": contact.external_id,
        "email": contact.email or None,
        "attributes": contact.attributes,
        "time_zone": contact.time_zone or None,
        "language": contact.language or None,
        "region": contact.region or None,
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
    }
