from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from suppression.models import Reason, Suppression, Topic
from suppression.signals import address_suppressed
from suppression.suppress import suppress_many
from tests.suppression.factories import ANA, BEN, NOW, make_entry, make_suppression, make_topic

pytestmark = pytest.mark.django_db


@contextmanager
def listening(receiver) -> Iterator[None]:
    address_suppressed.connect(receiver)
    try:
        yield
    finally:
        address_suppressed.disconnect(receiver)


def test_a_batch_is_announced_at_once() -> None:
    heard: list[list[Suppression]] = []

    with listening(lambda suppressions, **_: heard.append(suppressions)):
        stored = suppress_many([make_entry(), make_entry(address_hash=BEN, reason=Reason.COMPLAINT)], at=NOW)

    assert heard == [stored]
    assert {bytes(row.address_hash) for row in heard[0]} == {ANA, BEN}


def test_what_stood_already_is_no_news() -> None:
    heard: list[list[Suppression]] = []
    make_suppression()

    with listening(lambda suppressions, **_: heard.append(suppressions)):
        suppress_many([make_entry()], at=NOW)

    assert heard == []


def test_what_a_receiver_stores_commits_with_the_suppression() -> None:
    def store(**_) -> None:
        assert connection.in_atomic_block
        make_topic(key="stored-by-receiver")

    with listening(store):
        make_suppression()

    assert Topic.objects.filter(key="stored-by-receiver").exists()


def test_a_failing_receiver_costs_its_own_writes_but_not_the_opt_out() -> None:
    def fail(**_) -> None:
        make_topic(key="half-done")
        make_topic(key="half-done")

    with listening(fail):
        row = make_suppression()

    assert Suppression.objects.get() == row
    assert not Topic.objects.filter(key="half-done").exists()
