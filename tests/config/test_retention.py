"""How long what is over is kept, as the environment says it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config import retention


def test_days_come_from_the_environment_and_0_is_for_ever(monkeypatch):
    monkeypatch.setenv("KEEP_EVENTS_DAYS", "730")
    monkeypatch.setenv("KEEP_WEBHOOK_CALLS_DAYS", "0")

    kept = retention.read(Env())

    assert (kept["events"], kept["webhook_calls"], kept["messages"]) == (timedelta(days=730), None, None)


@pytest.mark.parametrize("days", ["34", "-1"])
def test_less_than_35_days_are_refused_by_name(monkeypatch, days):
    monkeypatch.setenv("KEEP_MESSAGES_DAYS", days)

    with pytest.raises(ImproperlyConfigured, match=f"KEEP_MESSAGES_DAYS is {days}"):
        retention.read(Env())


def test_every_default_may_be_set():
    assert all(days == 0 or days >= retention.FLOOR.days for days in retention.DAYS.values())
