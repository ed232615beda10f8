"""Retention of webhook calls: what is old and understood, or set aside, goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_account
from tests.webhooks.factories import make_row
from webhooks import retain as retain_module
from webhooks.models import InboxEvent
from webhooks.retain import retain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keep(settings):
    settings.KEEP = {**settings.KEEP, "webhook_calls": timedelta(days=90)}


def make_call(*, days: float = 91, status: str = "digested", n: int = 1) -> InboxEvent:
    account = make_account(provider="postmark")
    received = timezone.now() - timedelta(days=days)
    return make_row(account, {"RecordType": "Open", "n": n}, status=status, received_at=received)


@pytest.mark.parametrize(
    ("days", "status", "stays"),
    [(91, "digested", False), (91, "set_aside", False), (91, "new", True), (89, "digested", True)],
)
def test_calls_that_are_over_go(days, status, stays):
    make_call(days=days, status=status)

    retain()

    assert InboxEvent.objects.exists() == stays


def test_it_goes_on_until_no_old_call_is_left(monkeypatch):
    monkeypatch.setattr(retain_module, "BATCH", 2)
    for n in range(5):
        make_call(n=n)

    assert [retain() for _ in range(4)] == [2, 2, 1, 0]


def test_kept_for_ever(settings):
    settings.KEEP = {**settings.KEEP, "webhook_calls": None}
    make_call()

    assert retain() == 0
    assert InboxEvent.objects.exists()
