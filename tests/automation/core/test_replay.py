from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.replay import replay
from automation.events.models import Event
from tests.factories import make_event

pytestmark = pytest.mark.django_db


def test_what_was_set_aside_is_due_at_once_as_if_never_tried():
    event = make_event(status="set_aside", attempts=5, failure="boom", due_at=timezone.now() + timedelta(days=1))

    assert replay(Event.objects.all(), status="new", pump="automation.react") == [event]

    event.refresh_from_db()
    assert (event.attempts, event.failure) == (0, "")
    assert list(Event.objects.due(timezone.now())) == [event]


def test_what_was_not_set_aside_stays_as_it_is():
    make_event(status="decided")

    assert replay(Event.objects.all(), status="new", pump="automation.react") == []
    assert Event.objects.get().status == "decided"


def test_any_number_costs_the_same_and_no_more_than_the_limit_are_brought_back(django_assert_num_queries, monkeypatch):
    for _ in range(3):
        make_event(status="set_aside")
    monkeypatch.setattr("automation.core.replay.LIMIT", 2)

    with django_assert_num_queries(4):  # Two of them begin and end the transaction.
        assert len(replay(Event.objects.all(), status="new", pump="automation.react")) == 2
