"""Settling: what an outcome makes of a message, and who may still say so."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.delivery.claim import claim
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import Result
from automation.delivery.settle import settle
from automation.models import Attempt, Message
from suppression.address import hash_address
from suppression.models import Suppression
from tests.factories import make_account, make_message

pytestmark = pytest.mark.django_db


def claimed(message):
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=7).claimed
    return one


def result_of(one, outcome, **fields):
    now = timezone.now()
    return Result(one, SendResult(outcome, **fields), now - timedelta(milliseconds=40), now)


def settled(message, outcome, **fields):
    settle([result_of(claimed(message), outcome, **fields)], message.account)
    message.refresh_from_db()
    return message


def test_an_accepted_message_is_sent_and_keeps_the_esps_id():
    message = settled(make_message(), Outcome.ACCEPTED, esp_message_id="esp-1")

    assert (message.status, message.esp_message_id, message.attempts) == ("sent", "esp-1", 1)
    assert message.sent_at is not None
    assert message.lease_until is None


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.REJECTED, "failed"),
        (Outcome.ACCOUNT, "queued"),
        (Outcome.THROTTLED, "queued"),
        (Outcome.NEVER_LEFT, "queued"),
        (Outcome.UNKNOWN, "uncertain"),
    ],
)
def test_what_each_outcome_makes_of_a_message(outcome, status):
    message = settled(make_message(), outcome, detail="what the ESP said")

    assert message.status == status
    assert message.reason == f"{outcome}: what the ESP said"
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.outcome, attempt.detail) == (1, outcome, "what the ESP said")


def test_the_esps_own_time_is_kept():
    at = timezone.now() + timedelta(minutes=7)

    assert settled(make_message(), Outcome.THROTTLED, retry_at=at).due_at == at


def test_an_esp_that_names_a_short_time_again_and_again_is_asked_ever_more_seldom(monkeypatch):
    monkeypatch.setattr("automation.delivery.settle.uniform", lambda low, high: high)
    soon = timezone.now() + timedelta(seconds=1)
    account = make_account(max_attempts=3)

    patient = settled(make_message(account=account, attempts=1), Outcome.THROTTLED, retry_at=soon)
    tired = settled(make_message(account=account, attempts=30), Outcome.THROTTLED, retry_at=soon)

    assert patient.due_at == soon
    assert tired.due_at - timezone.now() > timedelta(minutes=59)


def test_without_it_the_pause_grows_with_each_attempt_and_is_jittered(monkeypatch):
    monkeypatch.setattr("automation.delivery.settle.uniform", lambda low, high: high)
    account = make_account(backoff_ms=1000)

    message = settled(make_message(account=account, attempts=4), Outcome.NEVER_LEFT)

    assert timedelta(seconds=15) < message.due_at - timezone.now() <= timedelta(seconds=16)


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.NEVER_LEFT])
def test_a_long_outage_makes_no_dead_letter_of_a_message_that_is_not_at_fault(outcome):
    message = make_message(account=make_account(max_attempts=3), attempts=40)

    message = settled(message, outcome)

    assert (message.status, message.attempts) == ("queued", 41)
    assert message.first_tried_at is not None


def test_after_a_day_of_attempts_it_is_given_up_and_the_dead_letter_says_why():
    since = timezone.now() - timedelta(days=1)
    message = make_message(account=make_account(max_attempts=3), attempts=2, first_tried_at=since)

    message = settled(message, Outcome.THROTTLED, detail="slow down")

    assert (message.status, message.reason) == ("failed", "attempts_exhausted: throttled: slow down")


def test_a_day_that_it_only_waited_counts_for_no_attempt():
    since = timezone.now() - timedelta(days=2)  # Its account was paused after the first attempt.
    message = make_message(account=make_account(max_attempts=3), attempts=1, first_tried_at=since)

    message = settled(message, Outcome.NEVER_LEFT)

    assert (message.status, message.first_tried_at) == ("queued", since)


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.NEVER_LEFT, Outcome.ACCOUNT])
def test_an_unknown_outcome_is_not_forgotten_by_a_later_attempt_that_came_to_nothing(outcome):
    since = timezone.now() - timedelta(minutes=5)
    message = make_message(account=make_account(provider="resend"), attempts=1, uncertain_at=since)

    message = settled(message, outcome)

    assert (message.status, message.uncertain_at) == ("queued", since)


def test_what_was_sent_again_although_it_may_have_arrived_never_counts_as_failed():
    since = timezone.now() - timedelta(hours=1)
    message = make_message(attempts=1, resent_at=since)

    message = settled(message, Outcome.REJECTED)

    assert (message.status, message.uncertain_at) == ("uncertain", since)


def test_an_unknown_outcome_is_repeated_under_its_key_where_the_esp_knows_keys():
    account = make_account(provider="resend")

    message = settled(make_message(account=account), Outcome.UNKNOWN)

    assert message.status == "queued"
    assert message.uncertain_at is not None


def test_an_unknown_outcome_is_not_forgotten_by_a_later_refusal():
    account = make_account(provider="resend")
    message = make_message(account=account, attempts=1, uncertain_at=timezone.now())

    assert settled(message, Outcome.REJECTED).status == "uncertain"


def test_a_refused_address_is_suppressed_and_the_evidence_names_no_address():
    message = settled(make_message(), Outcome.REJECTED, address_refused=True)

    suppression = Suppression.objects.get(address_hash=hash_address(message.to_email))
    assert (suppression.reason, suppression.evidence["message_id"]) == ("hard_bounce", str(message.pk))


def test_a_slow_worker_cannot_overwrite_its_successor():
    message = make_message()
    slow = claimed(message)
    Message.objects.update(status="queued")  # As the reaper does when the lease ran out and the call never began.
    successor = claimed(message)
    settle([result_of(successor, Outcome.ACCEPTED, esp_message_id="esp-2")], message.account)

    settle([result_of(slow, Outcome.REJECTED)], message.account)

    message.refresh_from_db()
    assert (message.status, message.esp_message_id) == ("sent", "esp-2")


def test_a_worker_that_was_taken_for_lost_may_still_say_that_it_was_accepted():
    message = make_message()
    slow = claimed(message)
    Message.objects.update(status="uncertain", uncertain_at=timezone.now())

    settle([result_of(slow, Outcome.ACCEPTED, esp_message_id="esp-1")], message.account)

    message.refresh_from_db()
    assert (message.status, message.uncertain_at) == ("sent", None)


def test_what_a_webhook_told_first_stands():
    message = make_message()
    one = claimed(message)
    Message.objects.update(status="delivered")

    settle([result_of(one, Outcome.UNKNOWN)], message.account)

    message.refresh_from_db()
    assert message.status == "delivered"
    assert Attempt.objects.get().outcome == Outcome.UNKNOWN


def test_a_batch_is_settled_with_one_statement():
    account = make_account()
    messages = [make_message(account=account) for _ in range(30)]
    batch = claim(account=account, lane=messages[0].lane, limit=30, epoch=7).claimed

    with CaptureQueriesContext(connection) as statements:
        settle([result_of(one, Outcome.ACCEPTED, esp_message_id="x") for one in batch], account)

    assert len(statements) == 3  # Savepoint and release included.
    assert Message.objects.filter(status="sent").count() == 30
