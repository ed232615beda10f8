from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from suppression.models import Consent, Reason, Scope
from suppression.policy import NO_CONSENT, UNKNOWN_TOPIC, Addressee, Verdict, check_many
from suppression.suppress import suppress_many
from tests.suppression.factories import ANA, BEN, NOW, make_consent, make_entry, make_suppression, make_topic

pytestmark = pytest.mark.django_db
WITHDRAWN = Consent.Decision.WITHDRAWN


def check(address_hash: bytes = ANA, *, topic_id: int | None = None) -> Verdict:
    [verdict] = check_many([Addressee(address_hash, topic_id)], at=NOW)
    return verdict


def test_an_address_that_nobody_spoke_of_may_be_mailed() -> None:
    assert check(topic_id=make_topic().pk) == Verdict(True)
    assert check(topic_id=None) == Verdict(True)


def test_an_unsubscribe_from_a_topic_withholds_that_topic_only() -> None:
    left, kept = make_topic(), make_topic()
    row = make_suppression(topic_id=left.pk)

    assert check(topic_id=left.pk) == Verdict(False, "unsubscribed", suppression_id=row.pk)
    assert check(topic_id=kept.pk).allowed
    assert check(topic_id=None).allowed
    assert check(BEN, topic_id=left.pk).allowed


def test_an_unsubscribe_from_everything_withholds_all_marketing_but_no_receipt() -> None:
    make_suppression()

    assert check(topic_id=make_topic().pk).reason == "unsubscribed"
    assert check(topic_id=None).allowed


@pytest.mark.parametrize("reason", [Reason.HARD_BOUNCE, Reason.COMPLAINT, Reason.SOFT_BOUNCES, Reason.MANUAL])
def test_a_bounce_or_a_complaint_withholds_receipts_too(reason: Reason) -> None:
    make_suppression(reason=reason)

    assert check(topic_id=make_topic().pk).reason == reason
    assert check(topic_id=None).reason == reason


def test_the_widest_suppression_is_named() -> None:
    topic = make_topic()
    make_suppression(topic_id=topic.pk)
    make_suppression()
    bounce = make_suppression(reason=Reason.HARD_BOUNCE)

    assert check(topic_id=topic.pk) == Verdict(False, "hard_bounce", suppression_id=bounce.pk)


def test_a_manual_suppression_may_be_about_marketing_only() -> None:
    make_suppression(reason=Reason.MANUAL, scope=Scope.MARKETING)

    assert check(topic_id=None).allowed
    assert check(topic_id=make_topic().pk).reason == "manual"


def test_a_suppression_ends_when_it_expires() -> None:
    make_suppression(reason=Reason.SOFT_BOUNCES, expires_at=NOW)
    make_suppression(address_hash=BEN, reason=Reason.SOFT_BOUNCES, expires_at=NOW + timedelta(seconds=1))

    assert check(ANA).allowed
    assert not check(BEN).allowed


def test_a_topic_that_requires_opt_in_needs_a_grant() -> None:
    topic = make_topic(requires_opt_in=True)
    without = check(topic_id=topic.pk)
    grant = make_consent(topic=topic)

    assert without == Verdict(False, NO_CONSENT)
    assert check(topic_id=topic.pk) == Verdict(True, consent_id=grant.pk)
    assert check(topic_id=None).allowed


def test_a_grant_is_for_one_topic() -> None:
    topic, other = make_topic(requires_opt_in=True), make_topic(requires_opt_in=True)
    make_consent(topic=other)

    assert check(topic_id=topic.pk).reason == NO_CONSENT


@pytest.mark.parametrize("everything", [False, True])
def test_the_last_word_counts(everything: bool) -> None:
    topic = make_topic(requires_opt_in=True)
    make_consent(topic=topic, at=NOW - timedelta(days=3))
    withdrawal = make_consent(topic=None if everything else topic, decision=WITHDRAWN, at=NOW - timedelta(days=2))
    withdrawn = check(topic_id=topic.pk)
    make_consent(topic=topic, at=NOW - timedelta(days=1))

    assert withdrawn == Verdict(False, NO_CONSENT, consent_id=withdrawal.pk)
    assert check(topic_id=topic.pk).allowed


def test_a_grant_imported_late_does_not_outdo_a_later_withdrawal() -> None:
    topic = make_topic(requires_opt_in=True)
    make_consent(topic=topic, decision=WITHDRAWN, at=NOW - timedelta(days=1))
    make_consent(topic=topic, at=NOW - timedelta(days=30))

    assert check(topic_id=topic.pk).reason == NO_CONSENT


def test_of_two_words_at_the_same_instant_the_one_stored_last_counts() -> None:
    topic = make_topic(requires_opt_in=True)
    make_consent(topic=topic)
    make_consent(topic=topic, decision=WITHDRAWN)

    assert check(topic_id=topic.pk).reason == NO_CONSENT


def test_a_grant_does_not_outdo_a_suppression() -> None:
    topic = make_topic(requires_opt_in=True)
    make_consent(topic=topic)
    make_suppression()

    assert check(topic_id=topic.pk).reason == "unsubscribed"


def test_mail_about_a_topic_that_is_gone_is_withheld() -> None:
    assert check(topic_id=2**40) == Verdict(False, UNKNOWN_TOPIC)


def test_verdicts_come_in_the_order_of_the_question() -> None:
    topic = make_topic()
    make_suppression(topic_id=topic.pk)
    make_suppression(address_hash=BEN, reason=Reason.COMPLAINT)
    asked = [(ANA, topic.pk), (ANA, None), (BEN, None), (bytes(32), topic.pk), (ANA, topic.pk), (BEN, topic.pk)]

    verdicts = check_many([Addressee(*each) for each in asked], at=NOW)

    assert [verdict.reason for verdict in verdicts] == [
        "unsubscribed",
        "",
        "complaint",
        "",
        "unsubscribed",
        "complaint",
    ]


@pytest.mark.parametrize("size", [1, 1_000])
def test_a_batch_of_any_size_costs_one_statement(django_assert_num_queries, size: int) -> None:
    topic = make_topic(requires_opt_in=True)
    addressees = [Addressee(number.to_bytes(32, "big"), topic.pk) for number in range(size)]

    with django_assert_num_queries(1):
        assert len(check_many(addressees, at=NOW)) == size


def test_an_empty_batch_costs_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert check_many([], at=NOW) == []


@pytest.mark.parametrize("analyzed", [False, True])
def test_a_long_list_is_read_by_its_index(analyzed: bool) -> None:
    topic = make_topic(requires_opt_in=True)
    hashes = [number.to_bytes(32, "big") for number in range(10_000)]
    suppress_many([make_entry(address_hash=each, reason=Reason.COMPLAINT) for each in hashes], at=NOW)
    Consent.objects.bulk_create(
        (Consent(address_hash=each, topic=topic, decision="granted", source="test", at=NOW) for each in hashes),
        batch_size=1_000,
    )
    if analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE suppression_suppression, suppression_consent")

    plan = explain([Addressee(each, topic.pk) for each in hashes[:1_000]])

    assert "suppression_once" in plan
    assert "consent_address" in plan
    assert "Seq Scan on suppression_suppression" not in plan
    assert "Seq Scan on suppression_consent" not in plan


def explain(addressees: list[Addressee]) -> str:
    """The plan of the statement that `check_many` sends."""
    with CaptureQueriesContext(connection) as captured:
        check_many(addressees, at=NOW)
    [query] = captured
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
        return "\n".join(line for (line,) in cursor.fetchall())
