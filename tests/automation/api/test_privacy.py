"""Export and erasure by a backend service."""

import json

import pytest

from automation.api.keys import make_key
from automation.models import Contact
from tests.automation.api.service import Service
from tests.factories import make_contact, make_event

pytestmark = pytest.mark.django_db

URL = "/api/v1/privacy/ana/"


def test_a_person_is_exported_as_one_document(service: Service):
    make_event(contact=make_contact(external_id="ana"), payload={"total": 5})

    answer = service.get(URL)

    assert answer.status_code == 200
    assert json.loads(b"".join(answer.streaming_content))["events"][0]["payload"] == {"total": 5}


def test_a_person_is_erased_once(service: Service):
    make_event(contact=make_contact(external_id="ana"))

    assert service.request("DELETE", URL).json() == {"events": 1, "enrollments": 0, "messages": 0}
    assert service.request("DELETE", URL).status_code == 404
    assert service.get(URL).status_code == 404
    assert not Contact.objects.filter(external_id="ana").exists()


def test_whoever_may_write_contacts_may_not_do_so():
    make_contact(external_id="ana")
    _, secret = make_key(name="shop", scopes=["contacts:write"])
    shop = Service(secret)

    assert shop.get(URL).status_code == shop.request("DELETE", URL).status_code == 403
    assert Contact.objects.filter(external_id="ana").exists()
