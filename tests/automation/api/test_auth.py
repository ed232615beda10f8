"""API keys at the door: who may do what, and until when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.api import keys
from automation.api.keys import make_key
from automation.api.models import ApiKey, Scope
from automation.models import Event
from tests.automation.api.service import Service, assert_problem
from tests.factories import make_event_type

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def order_completed(db):
    return make_event_type(name="OrderCompleted")


@pytest.fixture
def key_and_service():
    key, secret = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])
    return key, Service(secret)


@pytest.fixture
def looked_up_each_time(monkeypatch):
    monkeypatch.setattr(keys, "FRESH_S", 0)


def test_only_the_hash_of_a_key_is_stored():
    key, secret = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])

    row = ApiKey.objects.values().get()
    assert secret.startswith(key.prefix)
    assert len(secret) == len("sp_") + 43
    assert secret not in str(row)
    assert len(bytes(row["key_hash"])) == 32


def test_two_keys_of_one_service_work_at_once():
    for _ in range(2):
        _, secret = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])
        assert Service(secret).post_event().status_code == 202


@pytest.mark.parametrize("secret", ["", "sp_", "sp_" + "x" * 43, "é", "sp_\x00"])
def test_without_a_known_key_nobody_gets_in(secret):
    response = Service(secret).post_event()

    assert_problem(response, 401)
    assert response["WWW-Authenticate"] == "Bearer"
    assert not Event.objects.exists()


@pytest.mark.parametrize("header", ["Basic c3A6eA==", "sp_x", "Bearer"])
def test_another_scheme_is_no_key(header):
    response = Service().post("/api/v1/events/", {}, Authorization=header)

    assert_problem(response, 401)


def test_the_scheme_may_be_written_in_small_letters(key_and_service):
    _, secret = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])

    assert_problem(Service().post("/api/v1/events/", {}, Authorization=f"bearer {secret}"), 422)


@pytest.mark.parametrize(
    ("missing", "method", "path"),
    [
        (Scope.EVENTS_WRITE, "POST", "/api/v1/events/"),
        (Scope.EVENTS_WRITE, "POST", "/api/v1/events/batch/"),
        (Scope.CONTACTS_WRITE, "PUT", "/api/v1/contacts/4711/"),
        (Scope.CONTACTS_WRITE, "GET", "/api/v1/contacts/4711/"),
        (Scope.PRIVACY, "GET", "/api/v1/privacy/4711/"),
        (Scope.PRIVACY, "DELETE", "/api/v1/privacy/4711/"),
    ],
)
def test_a_key_opens_only_what_its_scopes_name(missing, method, path):
    _, secret = make_key(name="shop", scopes=set(Scope) - {missing})

    problem = assert_problem(Service(secret).request(method, path, {}), 403)

    assert missing in problem["detail"]


def test_an_expired_key_is_refused_at_once():
    key, secret = make_key(name="shop", scopes=[Scope.EVENTS_WRITE], expires_at=timezone.now() + timedelta(minutes=1))
    service = Service(secret)
    assert service.post_event().status_code == 202
    keys._seen[bytes(key.key_hash)].key.expires_at = timezone.now()  # A minute later, without a new look.

    assert "expired" in assert_problem(service.post_event(), 401)["detail"]


@pytest.mark.usefixtures("looked_up_each_time")
def test_a_revoked_key_is_refused(key_and_service):
    key, service = key_and_service
    assert service.post_event().status_code == 202

    ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())

    assert "revoked" in assert_problem(service.post_event(), 401)["detail"]


@pytest.mark.usefixtures("looked_up_each_time")
def test_a_deleted_key_is_refused_and_forgotten(key_and_service):
    key, service = key_and_service
    assert service.post_event().status_code == 202

    key.delete()

    assert_problem(service.post_event(), 401)
    assert bytes(key.key_hash) not in keys._seen


def test_a_key_is_looked_up_once_and_its_use_noted_once(key_and_service, django_assert_num_queries):
    key, service = key_and_service

    with django_assert_num_queries(2):
        service.post("/api/v1/events/", "")
    with django_assert_num_queries(0):
        service.post("/api/v1/events/", "")

    key.refresh_from_db()
    assert timezone.now() - key.last_used_at < timedelta(minutes=1)


@pytest.mark.usefixtures("looked_up_each_time")
def test_the_use_of_a_key_is_noted_again_after_a_minute(key_and_service):
    key, service = key_and_service

    def used(ago):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now() - ago)
        service.post("/api/v1/events/", "")
        key.refresh_from_db()
        return timezone.now() - key.last_used_at

    assert used(timedelta(seconds=50)) > timedelta(seconds=49)
    assert used(timedelta(seconds=70)) < timedelta(seconds=10)
