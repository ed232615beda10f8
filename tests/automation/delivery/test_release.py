"""Claims that are given back before their calls have begun."""

import pytest

from automation.core.lanes import Lane
from automation.delivery import marks
from automation.delivery.claim import claim
from automation.delivery.release import release
from automation.models import Attempt, Message
from tests.factories import make_account, make_message, make_sender, make_template

pytestmark = pytest.mark.django_db


def claims_of(account):
    claimed = claim(account=account, lane=Lane.TRANSACTIONAL, limit=100, epoch=marks.epoch()).claimed
    return [one.claim for one in claimed]


def test_what_is_released_is_due_again_as_it_was(django_assert_num_queries):
    account = make_account()
    sender, template = make_sender(account), make_template()
    before = [make_message(account=account, sender=sender, template=template, attempts=2) for _ in range(20)]
    claims = claims_of(account)

    with django_assert_num_queries(1):
        release(claims)

    for message in before:
        due_at = message.due_at
        message.refresh_from_db()
        assert (message.status, message.attempts, message.due_at, message.lease_until) == ("queued", 2, due_at, None)
    assert not Attempt.objects.exists()
    assert len(claims_of(account)) == 20


def test_a_claim_that_has_run_out_and_was_made_anew_is_left_alone():
    message = make_message()
    old = claims_of(message.account)
    Message.objects.update(status="queued")
    claims_of(message.account)

    release(old)

    message.refresh_from_db()
    assert (message.status, message.fence) == ("sending", 2)


def test_what_a_webhook_has_moved_on_meanwhile_stays_so():
    message = make_message()
    claims = claims_of(message.account)
    Message.objects.update(status="delivered")

    release(claims)

    message.refresh_from_db()
    assert message.status == "delivered"


def test_without_claims_there_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        release([])
