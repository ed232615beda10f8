from datetime import timedelta

import pytest

from suppression.models import Consent, Reason, Suppression, Topic
from suppression.policy import Addressee, check_many
from suppression.unsubscribe import unsubscribe
from tests.suppression.factories import (
    ANA,
    MESSAGE_ID,
    NOW,
    make_consent,
    make_read_token,
    make_suppression,
    make_topic,
)

pytestmark = pytest.mark.django_db


def leave(topic: Topic | None = None, *, everything: bool = False, at=NOW) -> Topic | None:
    return unsubscribe(
        token=make_read_token(topic_id=topic.pk if topic else None),
        everything=everything,
        source="test",
        ip="192.0.2.7",
        user_agent="a browser",
        at=at,
    )


def test_leaving_a_topic_is_obeyed_and_entered_in_the_ledger() -> None:
    topic = make_topic()

    assert leave(topic) == topic

    [verdict] = check_many([Addressee(ANA, topic.pk)], at=NOW)
    assert verdict.reason == "unsubscribed"
    suppression = Suppression.objects.get()
    assert (suppression.topic, suppression.source, suppression.created_at) == (topic, "test", NOW)
    assert suppression.evidence == {"message_id": str(MESSAGE_ID)}
    line = Consent.objects.get()
    assert (bytes(line.address_hash), line.topic, line.decision, line.at) == (ANA, topic, "withdrawn", NOW)
    assert (line.source, line.ip, line.user_agent) == ("test", "192.0.2.7", "a browser")
    assert line.proof == {"message_id": str(MESSAGE_ID)}


def test_leaving_everything_leaves_every_topic_there_is_and_will_be() -> None:
    topic = make_topic()

    assert leave(topic, everything=True) is None

    later = make_topic()
    verdicts = check_many([Addressee(ANA, topic.pk), Addressee(ANA, later.pk)], at=NOW)
    assert [verdict.reason for verdict in verdicts] == ["unsubscribed", "unsubscribed"]


def test_a_token_without_a_topic_leaves_everything() -> None:
    assert leave(None) is None

    assert Suppression.objects.get().topic is None


def test_a_token_whose_topic_was_deleted_leaves_everything() -> None:
    topic = make_topic()
    token = make_read_token(topic_id=topic.pk)
    topic.delete()

    left = unsubscribe(token=token, everything=False, source="test", ip=None, user_agent="", at=NOW)

    assert left is None
    assert Suppression.objects.get().topic is None


@pytest.mark.parametrize("everything", [False, True])
def test_leaving_twice_is_leaving_once(everything: bool) -> None:
    topic = make_topic()

    leave(topic, everything=everything)
    leave(topic, everything=everything, at=NOW + timedelta(hours=1))

    assert Suppression.objects.get().created_at == NOW
    assert Consent.objects.get().at == NOW


def test_leaving_everything_after_a_topic_is_a_new_line() -> None:
    topic = make_topic()
    leave(topic)

    leave(topic, everything=True, at=NOW + timedelta(hours=1))

    assert [line.topic for line in Consent.objects.order_by("id")] == [topic, None]


def test_leaving_again_after_a_new_grant_is_a_new_line() -> None:
    topic = make_topic()
    leave(topic)
    make_consent(topic=topic, at=NOW + timedelta(hours=1))

    leave(topic, at=NOW + timedelta(hours=2))

    decisions = [line.decision for line in Consent.objects.order_by("at")]
    assert decisions == ["withdrawn", "granted", "withdrawn"]


def test_an_unsubscribe_leaves_a_bounce_standing() -> None:
    bounce = make_suppression(reason=Reason.HARD_BOUNCE)

    leave()

    assert bounce in Suppression.objects.all()
    assert Suppression.objects.count() == 2
