"""Events are taken in whatever the broker does: PostgreSQL is the only truth, a wake-up call only speed."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from celery import Celery

from automation.core.redis import client
from automation.models import Event
from config.celery import app
from tests.automation.api.service import Service
from tests.factories import make_event_type


@pytest.fixture
def broker_down(settings, monkeypatch) -> Iterator[None]:
    """Wake-up calls go to a port on which nobody listens."""
    settings.WAKE = True
    client().delete("wake:automation.react")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    away = Celery("away", set_as_current=False)
    away.conf.task_publish_retry = False
    away.set_default()  # For the thread that makes the calls.
    yield
    app.set_default()


@pytest.mark.django_db(transaction=True)
def test_events_are_taken_in_while_the_broker_is_down(service: Service, broker_down, caplog):
    make_event_type(name="OrderCompleted")
    begun = monotonic()

    statuses = [service.post_event().status_code for _ in range(5)]

    assert statuses == [202] * 5
    assert monotonic() - begun < 2
    assert Event.objects.count() == 5
    while "wake_failed" not in caplog.text:
        assert monotonic() - begun < 10
        sleep(0.01)
