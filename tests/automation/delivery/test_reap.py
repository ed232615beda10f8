"""The reaper: a lease that ran out, and whether the call had begun."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.redis import client
from automation.delivery import marks
from automation.delivery.claim import claim
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.reap import GRACE, reap, reap_leases
from automation.delivery.send import Result
from automation.delivery.settle import settle
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.flows.models import UncertainPolicy
from automation.models import Attempt, Message
from tests.factories import make_account, make_live_flow, make_message, make_sender, make_template

pytestmark = pytest.mark.django_db


def claimed(message, epoch=None):
    epoch = marks.epoch() if epoch is None else epoch
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=epoch).claimed
    return one.claim


def run_out():
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def status_of(message):
    message.refresh_from_db()
    return message.status


def test_a_living_lease_is_left_alone():
    message = make_message()
    claimed(message)

    assert reap_leases() == 0
    assert status_of(message) == "sending"


def test_a_claim_whose_call_never_began_goes_back_to_the_queue():
    message = make_message()
    claimed(message)
    run_out()

    reap_leases()

    assert status_of(message) == "queued"
    assert message.attempts == 0
    assert not Attempt.objects.exists()


def test_a_claim_whose_call_had_begun_is_uncertain_and_its_attempt_is_kept():
    message = make_message()
    marks.begin([claimed(message)])
    run_out()

    reap_leases()

    assert status_of(message) == "uncertain"
    assert (message.attempts, message.reason) == (1, "unknown: lease expired")
    assert Attempt.objects.get().outcome == "unknown"


def test_where_the_esp_knows_keys_it_is_queued_again_under_the_same_key():
    message = make_message(account=make_account(provider="resend"))
    marks.begin([claimed(message)])
    run_out()

    reap_leases()

    assert status_of(message) == "queued"
    assert message.uncertain_at is not None


def test_after_the_reaper_has_been_there_the_call_may_not_begin_any_more():
    message = make_message()
    claim_of_stopped_worker = claimed(message)
    run_out()
    reap_leases()

    assert marks.begin([claim_of_stopped_worker]) == []


def test_marks_that_may_be_lost_count_as_begun():
    message = make_message()
    claimed(message)
    client().flushdb()
    run_out()

    reap_leases()

    assert status_of(message) == "uncertain"


@pytest.mark.parametrize(("begun", "status"), [(False, "queued"), (True, "uncertain")])
def test_without_redis_the_row_itself_keeps_the_mark(begun, status):
    message = make_message()
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=None).claimed
    if begun:
        assert marks.begin([one.claim]) == [one.claim]
    run_out()

    reap_leases()

    assert status_of(message) == status
    assert begun or marks.begin([one.claim]) == []


def test_the_number_of_statements_does_not_depend_on_the_batch():
    account = make_account()
    template, sender = make_template(), make_sender(account)

    def expire(count):
        for _ in range(count):
            message = make_message(account=account, template=template, sender=sender)
        batch = claim(account=account, lane=message.lane, limit=100, epoch=marks.epoch()).claimed
        marks.begin([one.claim for one in batch[::2]])
        for one in batch[::3]:
            reported_as_sent(Message.objects.get(pk=one.claim.message_id))
        run_out()

    expire(4)
    with CaptureQueriesContext(connection) as few:
        reap_leases()
    expire(44)
    with CaptureQueriesContext(connection) as many:
        reap_leases()

    assert len(few) == len(many)


def reported_as_sent(message):
    report = Report(message.account_id, message.pk, "esp-1", Stage.DELIVERED, timezone.now())
    stamp_many([report])


def test_of_a_dead_worker_whose_message_a_webhook_has_moved_on_the_attempt_is_written_down():
    message = make_message()
    marks.begin([claimed(message)])
    reported_as_sent(message)
    run_out()

    assert reap_leases() == 1

    assert status_of(message) == "delivered"
    assert (message.attempts, message.lease_until) == (1, None)
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.account, attempt.outcome) == (1, message.account, "accepted")
    assert attempt.detail == "The ESP reported it; the worker did not."
    assert reap_leases() == 0


def test_of_a_living_worker_that_reports_after_the_webhook_there_is_one_attempt():
    message = make_message()
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=marks.epoch()).claimed
    reported_as_sent(message)
    settle([Result(one, SendResult(Outcome.ACCEPTED), timezone.now(), timezone.now())], message.account)
    Message.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert reap_leases() == 0

    assert status_of(message) == "delivered"
    assert Attempt.objects.count() == message.attempts == 1


@pytest.mark.parametrize(
    ("policy", "status"), [(UncertainPolicy.LEAVE, "uncertain"), (UncertainPolicy.RESEND, "queued")]
)
def test_after_the_grace_period_the_flows_policy_decides(policy, status):
    flow = make_live_flow(uncertain_policy=policy)
    message = make_message(
        topic=flow.topic,
        flow_version=flow.live_version,
        status="uncertain",
        attempts=1,
        uncertain_at=timezone.now() - GRACE - timedelta(minutes=1),
    )
    young = make_message(
        topic=flow.topic, flow_version=flow.live_version, status="uncertain", uncertain_at=timezone.now()
    )

    reap()

    assert status_of(message) == status
    assert status_of(young) == "uncertain"


def test_the_policy_sends_a_second_mail_but_never_a_third():
    flow = make_live_flow(uncertain_policy=UncertainPolicy.RESEND)
    long_ago = timezone.now() - GRACE - timedelta(minutes=1)
    message = make_message(
        topic=flow.topic, flow_version=flow.live_version, status="uncertain", attempts=1, uncertain_at=long_ago
    )
    reap()
    message.refresh_from_db()
    assert message.resent_at is not None
    Message.objects.update(status="uncertain", uncertain_at=long_ago)

    reap()

    assert status_of(message) == "uncertain"


def test_a_claim_so_old_that_its_mark_may_have_run_out_counts_as_begun():
    message = make_message()
    claimed(message)
    run_out()
    Message.objects.update(claimed_at=timezone.now() - marks.LIFE)

    reap_leases()

    assert status_of(message) == "uncertain"
