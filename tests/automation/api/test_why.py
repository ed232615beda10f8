"""Why, asked by a backend service."""

import pytest

from tests.automation.api.service import Service, assert_problem
from tests.factories import make_contact, make_live_flow

pytestmark = pytest.mark.django_db


def test_it_answers_with_what_was_looked_at(service: Service):
    make_contact(external_id="ana")
    flow = make_live_flow()

    checks = service.get(f"/api/v1/contacts/ana/why/?flow={flow.key}").json()["checks"]

    assert [one["about"] for one in checks] == ["flow", "trigger", "address"]
    assert checks[1]["said"] == "not_triggered"


def test_whom_and_what_nobody_knows_is_told(service: Service):
    make_contact(external_id="ana")

    assert_problem(service.get("/api/v1/contacts/bea/why/?flow=welcome"), 404)
    assert_problem(service.get("/api/v1/contacts/ana/why/?flow=unknown"), 422)
    assert_problem(service.get("/api/v1/contacts/ana/why/"), 422)
