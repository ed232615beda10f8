"""Limits per key, counted in Redis."""

import socket
from time import monotonic

import pytest

from automation.api import throttle
from automation.api.keys import make_key
from automation.api.models import Scope
from automation.core import redis
from automation.models import Event
from tests.automation.api.service import Service, an_event, assert_problem
from tests.factories import make_event_type


@pytest.fixture(autouse=True)
def order_completed(db):
    return make_event_type(name="OrderCompleted")


@pytest.fixture(autouse=True)
def early_in_the_minute(monkeypatch):
    """Of a minute in which no test runs into the next."""
    monkeypatch.setattr("automation.api.throttle.time", lambda: 1_000_000_060.0)


def test_beyond_its_limit_a_key_is_told_when_to_go_on(service: Service, settings):
    settings.API_RATE_PER_MINUTE = 3

    statuses = [service.post_event().status_code for _ in range(4)]
    response = service.post_event()

    assert statuses == [202, 202, 202, 429]
    assert_problem(response, 429)
    assert response["Retry-After"] == "20"
    assert Event.objects.count() == 3


def test_a_batch_counts_by_its_events(service: Service, settings):
    settings.API_RATE_PER_MINUTE = 10

    assert service.post_batch(*(an_event() for _ in range(9))).status_code == 200
    assert service.post_batch(*(an_event() for _ in range(9))).status_code == 200
    assert_problem(service.post_batch(an_event()), 429)


def test_the_next_minute_is_a_new_one(service: Service, settings, monkeypatch):
    settings.API_RATE_PER_MINUTE = 1
    service.post_event()
    assert service.post_event().status_code == 429

    monkeypatch.setattr("automation.api.throttle.time", lambda: 1_000_000_080.0)

    assert service.post_event().status_code == 202


def test_one_key_does_not_use_up_another_s_limit(service: Service, settings):
    settings.API_RATE_PER_MINUTE = 1
    _, secret = make_key(name="till", scopes=[Scope.EVENTS_WRITE])
    service.post_event()

    assert service.post_event().status_code == 429
    assert Service(secret).post_event().status_code == 202


@pytest.fixture
def hanging_redis(settings, monkeypatch):
    """It takes connections and never answers."""
    monkeypatch.setattr(throttle._counts, "_ask_again_at", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        redis.client.cache_clear()
        yield
        redis.client.cache_clear()


def test_without_redis_nobody_is_held_up(service: Service, settings, hanging_redis):
    settings.API_RATE_PER_MINUTE = 1
    begun = monotonic()

    statuses = [service.post_event().status_code for _ in range(10)]

    assert statuses == [202] * 10
    assert monotonic() - begun < 3 * redis.TIMEOUT_S + 1


def test_once_redis_is_back_keys_are_counted_again(service: Service, settings, monkeypatch):
    settings.API_RATE_PER_MINUTE = 0
    monkeypatch.setattr(throttle._counts, "_ask_again_at", monotonic() + 60)
    assert service.post_event().status_code == 202

    monkeypatch.setattr(throttle._counts, "_ask_again_at", monotonic())

    assert service.post_event().status_code == 429


def test_who_reads_the_documentation_is_not_counted(client, settings):
    settings.API_RATE_PER_MINUTE = 0

    assert client.get("/api/schema/").status_code == 200


def test_a_process_counts_ahead_and_yet_lets_no_more_in_than_the_limit(service: Service, settings, monkeypatch):
    settings.API_RATE_PER_MINUTE = 3
    monkeypatch.setattr(throttle, "AHEAD", 2 / 3)

    statuses = [service.post_event().status_code for _ in range(5)]

    assert statuses == [202, 202, 202, 429, 429]
