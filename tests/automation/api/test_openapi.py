"""The OpenAPI document and its page, and that what it promises is so."""

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from tests.automation.api.service import Service
from tests.factories import make_event_type

OPERATIONS = [
    ("/api/v1/events/", "POST"),
    ("/api/v1/events/batch/", "POST"),
    ("/api/v1/contacts/{external_id}/", "PUT"),
    ("/api/v1/contacts/{external_id}/", "GET"),
    ("/api/v1/contacts/{external_id}/why/", "GET"),
    ("/api/v1/privacy/{external_id}/", "GET"),
    ("/api/v1/privacy/{external_id}/", "DELETE"),
    ("/api/v1/segments/", "GET"),
    ("/api/v1/segments/{key}/", "GET"),
    ("/api/v1/segments/{key}/members/", "GET"),
    ("/api/v1/suppressions/", "GET"),
    ("/api/v1/suppressions/", "POST"),
    ("/api/v1/suppressions/check/", "POST"),
    ("/api/v1/suppressions/lift/", "POST"),
    ("/api/v1/consents/", "POST"),
]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def document(client: Client):
    return client.get("/api/schema/?format=json").json()


def test_the_document_is_valid_and_complete(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_the_document_lists_every_endpoint_and_how_to_authenticate(document):
    operations = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}

    assert operations == set(OPERATIONS)
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_the_page_loads_nothing_from_elsewhere(client: Client):
    page = client.get("/api/docs/")

    assert page.status_code == 200
    assert b"swagger-ui" in page.content
    assert b"https://" not in page.content


def test_the_examples_are_true(service: Service, document):
    make_event_type(name="OrderCompleted", schema={"required": ["total"]})

    def example(path, method):
        [(_, one)] = document["paths"][path][method]["requestBody"]["content"]["application/json"]["examples"].items()
        return one["value"]

    assert service.post("/api/v1/events/", example("/api/v1/events/", "post")).status_code == 202
    assert service.post("/api/v1/events/batch/", example("/api/v1/events/batch/", "post")).status_code == 200
    contact = example("/api/v1/contacts/{external_id}/", "put")
    assert service.put("/api/v1/contacts/4711/", contact).status_code == 200


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """Requests leave this test's transaction alone, as they do with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_the_document_says(service: Service, path, method):
    make_event_type(name="OrderCompleted")
    promised = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=promised[path][method].as_strategy())
    def ask(case):
        case.call_and_validate(headers=service.authorization, checks=CHECKS)

    ask()
