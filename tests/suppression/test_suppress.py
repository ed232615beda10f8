from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from suppression.models import Reason, Scope, Suppression
from suppression.suppress import suppress_many
from tests.suppression.factories import ANA, BEN, NOW, make_entry, make_suppression, make_topic

pytestmark = pytest.mark.django_db


def test_entries_are_stored_as_told() -> None:
    topic = make_topic()
    entry = make_entry(
        topic_id=topic.pk, evidence={"smtp": "550 5.1.1"}, note="asked by phone", expires_at=NOW + timedelta(days=1)
    )

    [row] = suppress_many([entry], at=NOW)

    stored = Suppression.objects.get()
    assert stored == row
    assert bytes(stored.address_hash) == bytes(row.address_hash) == ANA
    assert (stored.topic, stored.scope, stored.reason, stored.source) == (topic, "marketing", "unsubscribed", "test")
    assert stored.evidence == row.evidence == {"smtp": "550 5.1.1"}
    assert (stored.note, stored.expires_at, stored.created_at) == ("asked by phone", NOW + timedelta(days=1), NOW)
    assert stored.key_version == 1


@pytest.mark.parametrize(
    ("reason", "scope"),
    [
        (Reason.UNSUBSCRIBED, Scope.MARKETING),
        (Reason.HARD_BOUNCE, Scope.ALL),
        (Reason.SOFT_BOUNCES, Scope.ALL),
        (Reason.COMPLAINT, Scope.ALL),
        (Reason.MANUAL, Scope.ALL),
        (Reason.IMPORTED, Scope.ALL),
    ],
)
def test_only_an_unsubscribe_stops_at_marketing(reason: Reason, scope: Scope) -> None:
    assert make_suppression(reason=reason).scope == scope


def test_a_scope_may_be_given() -> None:
    assert make_suppression(reason=Reason.MANUAL, scope=Scope.MARKETING).scope == Scope.MARKETING


def test_a_topic_is_marketing_whatever_the_reason() -> None:
    assert make_suppression(reason=Reason.MANUAL, topic_id=make_topic().pk).scope == Scope.MARKETING


def test_the_database_refuses_a_topic_that_stops_all_mail() -> None:
    topic = make_topic()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_suppression(topic_id=topic.pk, scope=Scope.ALL)


def test_suppressing_again_changes_nothing_and_is_no_news() -> None:
    first = make_suppression(reason=Reason.HARD_BOUNCE, source="first")

    again = suppress_many([make_entry(reason=Reason.HARD_BOUNCE, source="second")], at=NOW + timedelta(days=1))

    assert again == []
    stored = Suppression.objects.get()
    assert (stored.pk, stored.source, stored.created_at) == (first.pk, "first", NOW)


def test_each_reason_and_each_topic_stands_by_itself() -> None:
    topics = make_topic(), make_topic()
    entries = [
        make_entry(),
        make_entry(reason=Reason.COMPLAINT),
        make_entry(topic_id=topics[0].pk),
        make_entry(topic_id=topics[1].pk),
        make_entry(address_hash=BEN),
    ]

    assert len(suppress_many(entries, at=NOW)) == 5


def test_the_same_entry_twice_in_a_batch_is_stored_once() -> None:
    soon, late = NOW + timedelta(days=1), NOW + timedelta(days=9)

    suppress_many([make_entry(expires_at=soon), make_entry(expires_at=late), make_entry(expires_at=soon)], at=NOW)

    assert Suppression.objects.get().expires_at == late


def test_an_expired_suppression_is_renewed() -> None:
    make_suppression(expires_at=NOW - timedelta(days=1))

    renewed = suppress_many([make_entry(source="new", expires_at=None)], at=NOW)

    assert len(renewed) == 1
    stored = Suppression.objects.get()
    assert (stored.expires_at, stored.source) == (None, "new")


@pytest.mark.parametrize("standing_until", [None, NOW + timedelta(days=9)])
def test_nothing_shortens_a_suppression(standing_until) -> None:
    make_suppression(expires_at=standing_until)

    news = suppress_many([make_entry(expires_at=NOW + timedelta(days=1))], at=NOW)

    assert news == []
    assert Suppression.objects.get().expires_at == standing_until


def test_a_batch_of_any_size_costs_one_statement_and_a_savepoint_for_the_receivers(django_assert_num_queries) -> None:
    entries = [make_entry(address_hash=number.to_bytes(32, "big")) for number in range(500)]

    with django_assert_num_queries(1 + 2):
        stored = suppress_many(entries, at=NOW)

    assert len(stored) == 500


def test_an_empty_batch_costs_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert suppress_many([], at=NOW) == []


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_stored_whole_or_not_at_all() -> None:
    with pytest.raises(IntegrityError):
        suppress_many([make_entry(), make_entry(topic_id=2**40)], at=NOW)

    assert not Suppression.objects.exists()
