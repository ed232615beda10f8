"""Every error has one shape, whatever went wrong and wherever."""

import pytest
from django.db import connection
from django.http import UnreadablePostError
from django.test import Client
from django.urls import path

from automation.api.endpoint import Endpoint
from automation.models import Event
from config.urls import urlpatterns as real_urls
from tests.automation.api.service import Service, an_event, assert_problem
from tests.factories import make_event_type


class Broken(Endpoint):
    authentication_classes = permission_classes = ()

    def get(self, request):
        raise RuntimeError("a secret")

    def post(self, request):
        raise UnreadablePostError("a secret")


urlpatterns = [path("api/broken/", Broken.as_view()), *real_urls]


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/events", "/api/v1/contacts/", "/api/v2/events/", "/api/x\ny"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_where_nothing_is_there_is_a_404(service: Service, method, path):
    assert_problem(service.request(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/events/"),
        ("OPTIONS", "/api/v1/events/"),
        ("DELETE", "/api/v1/contacts/4711/"),
        ("BREW", "/api/v1/events/"),
    ],
)
def test_a_method_that_is_not_offered_is_a_405(service: Service, method, path):
    response = service.request(method, path)

    assert_problem(response, 405)
    assert "Allow" in response


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["/api/v1/events/", "/api/v1/events/batch/"])
def test_what_does_not_say_it_is_json_is_a_415(service: Service, path, media_type):
    assert_problem(service.post(path, an_event(), **{"Content-Type": media_type}), 415)


def test_a_charset_says_nothing_new(service: Service):
    make_event_type(name="OrderCompleted")

    response = service.post("/api/v1/events/", an_event(), **{"Content-Type": "application/json; charset=utf-8"})

    assert response.status_code == 202


def test_a_compressed_body_is_a_415(service: Service):
    problem = assert_problem(service.post("/api/v1/events/", an_event(), **{"Content-Encoding": "gzip"}), 415)

    assert "gzip" in problem["detail"]


@pytest.mark.parametrize("accept", ["text/html", "application/problem+json", "image/*;q=0", ""])
def test_whatever_is_accepted_the_answer_is_json(service: Service, accept):
    make_event_type(name="OrderCompleted")

    response = service.post("/api/v1/events/?format=xml", an_event(), Accept=accept)

    assert response.status_code == 202
    assert response["Content-Type"] == "application/json"


def test_a_body_above_the_limit_is_a_413(service: Service):
    assert_problem(service.post("/api/v1/events/batch/", b" " * (5 * 1024 * 1024 + 1)), 413)


def test_a_chunked_body_is_told_that_its_length_is_required(service: Service):
    assert_problem(service.post("/api/v1/events/", b"", **{"Transfer-Encoding": "chunked"}), 411)


@pytest.mark.urls(__name__)
def test_a_bug_is_a_500_that_says_nothing_of_our_insides(caplog):
    response = Client(raise_request_exception=False).get("/api/broken/")

    assert_problem(response, 500)
    assert b"secret" not in response.content
    assert "request_failed" in caplog.text


@pytest.mark.urls(__name__)
def test_a_client_that_hangs_up_in_mid_body_is_no_bug():
    assert_problem(Client().post("/api/broken/"), 400)


@pytest.mark.django_db(transaction=True)
def test_without_the_database_nothing_is_promised(service: Service, monkeypatch):
    make_event_type(name="OrderCompleted")
    with monkeypatch.context() as patch:
        connection.close()
        patch.setitem(connection.settings_dict, "PORT", "1")

        response = service.post_event()

    assert_problem(response, 503)
    assert response["Retry-After"] == "5"
    assert service.post_event().status_code == 202
    assert Event.objects.count() == 1
