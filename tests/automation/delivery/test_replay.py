"""Replaying dead letters, and resuming accounts: what people give another chance."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.foresee import foresee
from automation.delivery.models import Message
from automation.delivery.pause import pause_account
from automation.delivery.replay import replay
from automation.delivery.resume import resume_account
from suppression.address import hash_address
from suppression.models import Scope
from tests.factories import make_account, make_message, make_sender, make_template
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db


def replay_all(asked_at=None, **agreed):
    return replay(Message.objects.all(), asked_at=asked_at or foresee(Message.objects.all()).asked_at, **agreed)


@pytest.mark.parametrize("status", [s for s in Message.Status.values if s != "failed"])
def test_only_what_failed_is_replayed(status):
    make_message(status=status, attempts=3, reason="why")

    assert replay_all(timezone.now()) == []
    assert Message.objects.filter(status=status, attempts=3, reason="why").exists()


def test_a_replayed_message_begins_anew():
    since = timezone.now() - timedelta(days=2)
    message = make_message(status="failed", reason="attempts_exhausted", attempts=50, first_tried_at=since)

    assert replay_all() == [message]

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts, message.first_tried_at) == ("queued", "", 0, None)
    [one] = claim(account=message.account, lane=Lane.TRANSACTIONAL, limit=10, epoch=None).claimed
    assert one.attempt == 1


def test_what_would_stay_stays_a_dead_letter():
    message = make_message(status="failed", reason="rejected: no", attempts=8)
    make_suppression(address_hash=hash_address(message.to_email), scope=Scope.ALL)

    assert replay_all() == []

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == ("failed", "rejected: no", 8)


def test_whoever_left_between_the_question_and_the_replay_is_not_mailed():
    message = make_message(status="failed")
    asked_at = foresee(Message.objects.all()).asked_at
    make_suppression(address_hash=hash_address(message.to_email), scope=Scope.ALL)

    assert replay_all(asked_at) == []


def test_one_that_failed_again_meanwhile_is_not_replayed_by_a_second_click():
    make_message(status="failed")
    asked_at = foresee(Message.objects.all()).asked_at
    assert len(replay_all(asked_at)) == 1
    Message.objects.update(status="failed")

    assert replay_all(asked_at) == []
    assert len(replay_all()) == 1  # Whoever asks again may.


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_replay_once():
    account, template = make_account(), make_template()
    sender = make_sender(account)
    for _ in range(50):
        make_message(status="failed", account=account, template=template, sender=sender)
    asked_at = foresee(Message.objects.all()).asked_at
    barrier = Barrier(4)

    def click(_):
        barrier.wait(timeout=10)
        replayed = len(replay_all(asked_at))
        connection.close()
        return replayed

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(click, range(4))) == 50


def test_any_number_costs_the_same(django_assert_num_queries):
    account, template = make_account(), make_template()
    sender = make_sender(account)
    for _ in range(30):
        make_message(status="failed", account=account, template=template, sender=sender)
    asked_at = foresee(Message.objects.all()).asked_at

    with django_assert_num_queries(8):  # Four of `foresee`, lock, update; two begin and end the transaction.
        assert len(replay_all(asked_at)) == 30


def test_a_paused_account_is_resumed_once():
    account = make_account()
    pause_account(account, reason="401")

    assert [resume_account(account), resume_account(account)] == [True, False]

    account.refresh_from_db()
    assert (account.status, account.paused_reason) == ("active", "")
