"""Tallies: every fact about a message counts once, whoever brings it and in whatever order it comes."""

from contextlib import ExitStack
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction
from django.utils import timezone

from automation.delivery.claim import claim
from automation.delivery.count import Fact, count
from automation.delivery.models import Counted, Message, Tally
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.reap import reap_leases
from automation.delivery.send import Result
from automation.delivery.settle import settle
from automation.delivery.stamp import Report, Stage, stamp_many
from tests.automation.delivery.elsewhere import elsewhere
from tests.automation.delivery.tallied import tallied
from tests.factories import make_account, make_live_flow, make_message, make_sender

pytestmark = pytest.mark.django_db


def claimed(message):
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=None).claimed
    return one


def settle_as(one, message, outcome=Outcome.ACCEPTED):
    now = timezone.now()
    settle([Result(one, SendResult(outcome), now - timedelta(milliseconds=40), now)], message.account)


def tell(message, stage, bounce=""):
    stamp_many([Report(message.account_id, message.pk, "esp-1", stage, timezone.now(), bounce)])


def run_out():
    Message.objects.update(call_begun=True, lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        (Outcome.ACCEPTED, {"accepted": 1}),
        (Outcome.REJECTED, {"failed": 1}),
        (Outcome.UNKNOWN, {"unknown": 1}),
        (Outcome.THROTTLED, {}),
        (Outcome.NEVER_LEFT, {}),
        (Outcome.ACCOUNT, {}),
    ],
)
def test_what_each_outcome_adds(outcome, counted):
    message = make_message()

    settle_as(claimed(message), message, outcome)

    assert tallied() == counted
    assert Tally.objects.count() == len(counted)


@pytest.mark.parametrize("order", list(permutations(["settle", "delivered", "hard_bounce", "complained"])))
def test_the_order_of_the_answer_and_the_webhooks_makes_no_difference_and_doubled_ones_none(order):
    message = make_message()
    one = claimed(message)
    happenings = {
        "settle": lambda: settle_as(one, message),
        "delivered": lambda: tell(message, Stage.DELIVERED),
        "hard_bounce": lambda: tell(message, Stage.BOUNCED, "hard_bounce"),
        "complained": lambda: tell(message, Stage.COMPLAINED),
    }

    for name in order:
        happenings[name]()
        happenings[name]()

    assert tallied() == {"accepted": 1, "delivered": 1, "hard_bounced": 1, "complained": 1}


def test_a_block_counts_apart_and_a_soft_bounce_does_not():
    blocked, soft = make_message(), make_message()

    tell(blocked, Stage.BOUNCED, "block")
    tell(soft, Stage.BOUNCED, "soft_bounce")

    assert tallied() == {"accepted": 2, "blocked": 1}


@pytest.mark.parametrize("later", [Outcome.UNKNOWN, Outcome.ACCEPTED])
def test_a_call_that_the_reaper_gave_up_is_not_counted_as_unknown_again_when_its_worker_reports(later):
    message = make_message()
    one = claimed(message)
    run_out()
    reap_leases()

    settle_as(one, message, later)

    assert tallied() == {"unknown": 1} | ({"accepted": 1} if later is Outcome.ACCEPTED else {})


def test_an_unknown_call_counts_even_if_a_webhook_was_faster():
    message = make_message()
    one = claimed(message)
    tell(message, Stage.SENT)

    settle_as(one, message, Outcome.UNKNOWN)
    settle_as(one, message, Outcome.UNKNOWN)

    assert tallied() == {"accepted": 1, "unknown": 1}


def test_mail_is_told_apart_by_account_sender_and_flow():
    account = make_account()
    flow, other = make_live_flow(), make_live_flow()
    sender = make_sender(account)
    for version in (flow.live_version, flow.live_version, other.live_version, None):
        message = make_message(account=account, sender=sender, flow_version=version)
    batch = claim(account=account, lane=message.lane, limit=10, epoch=None).claimed
    now = timezone.now()

    settle([Result(one, SendResult(Outcome.ACCEPTED), now, now) for one in batch], account)
    tell(message, Stage.DELIVERED)

    assert tallied(account=account, sender=sender, flow=flow) == {"accepted": 2}
    assert tallied(account=account, sender=sender, flow=other) == {"accepted": 1}
    assert tallied(account=account, sender=sender, flow=None) == {"accepted": 1, "delivered": 1}
    assert Tally.objects.count() == 3


def test_many_facts_cost_one_statement_and_none_costs_none(django_assert_num_queries):
    sender = make_sender()
    facts = [Fact(what, sender.account_id, sender.pk, None) for what in Counted]

    with django_assert_num_queries(1):
        count(facts * 50)
    with django_assert_num_queries(0):
        count([])
    count(facts)

    assert tallied() == dict.fromkeys(Counted, 51)
    assert Tally.objects.count() == 1


def test_a_fact_that_is_rolled_back_is_not_counted():
    sender = make_sender()

    with transaction.atomic():
        count([Fact(Counted.ACCEPTED, sender.account_id, sender.pk, None)])
        transaction.set_rollback(True)

    assert tallied() == {}


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_until_another_has_committed_what_it_counted():
    sender = make_sender()
    fact = Fact(Counted.ACCEPTED, sender.account_id, sender.pk, None)

    with transaction.atomic():
        count([fact])
        with elsewhere(lambda: count([fact])) as counted:
            assert counted.done()

    assert tallied() == {"accepted": 2}


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_while_a_settle_waited_is_not_counted_again():
    message = make_message()
    one = claimed(message)

    with ExitStack() as until_settled, transaction.atomic():
        tell(message, Stage.DELIVERED)
        settled = until_settled.enter_context(elsewhere(lambda: settle_as(one, message)))
        assert not settled.done()

    message.refresh_from_db()
    assert (message.status, message.attempts, message.lease_until) == ("delivered", 1, None)
    assert tallied() == {"accepted": 1, "delivered": 1}
