"""Through a real socket, as an ordinary HTTP client sees it."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from automation.models import Event
from tests.automation.api.service import Service, an_event
from tests.factories import make_event_type

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def http(live_server) -> Iterator[HTTPConnection]:
    address = urlsplit(live_server.url)
    connection = HTTPConnection("127.0.0.1", address.port, timeout=10)
    yield connection
    connection.close()


def test_an_event_is_stored_before_it_is_answered(service: Service, http):
    make_event_type(name="OrderCompleted")
    event = an_event()

    http.request(
        "POST", "/api/v1/events/", json.dumps(event), {**service.authorization, "Content-Type": "application/json"}
    )
    answer = http.getresponse()

    assert answer.status == 202
    assert json.load(answer) == {"event_id": event["event_id"], "status": 202}
    assert Event.objects.filter(id=event["event_id"]).exists()


def test_a_client_that_sends_far_too_much_still_hears_why_it_is_refused(service: Service, http):
    headers = {**service.authorization, "Content-Type": "application/json"}

    http.request("POST", "/api/v1/events/batch/", b" " * 20_000_000, headers)
    answer = http.getresponse()

    assert answer.status == 413
    assert json.load(answer)["detail"] == "A request's body may have 5 MiB at most."
