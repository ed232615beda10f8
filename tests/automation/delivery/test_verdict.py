"""A person's verdict on what nobody knows, and a webhook that knows better."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.delivery.verdict import arrived, did_not_arrive
from automation.models import Message, Tally
from tests.factories import make_account, make_live_flow, make_message, make_sender, make_template
from tests.suppression.test_races import together

pytestmark = pytest.mark.django_db

SINCE = timezone.now() - timedelta(hours=7)


def uncertain(**fields):
    return make_message(
        **{"status": "uncertain", "reason": "unknown: ", "uncertain_at": SINCE, "attempts": 1, **fields}
    )


def rule(verdict, asked_at=None):
    return verdict(Message.objects.all(), because="she told me", asked_at=asked_at or timezone.now())


def delivered(message):
    stamp_many([Report(message.account_id, message.pk, "", Stage.DELIVERED, timezone.now())])


def test_one_that_arrived_counts_as_sent_since_it_was_tried():
    flow = make_live_flow()
    message = uncertain(flow_version=flow.live_version, topic=flow.topic)

    assert rule(arrived) == [message]

    message.refresh_from_db()
    assert (message.status, message.reason, message.uncertain_at) == ("sent", "arrived: she told me", None)
    assert message.sent_at == SINCE
    tally = Tally.objects.get()
    assert (tally.flow, tally.sender, tally.accepted) == (flow, message.sender, 1)


def test_one_that_did_not_arrive_is_sent_again_and_remembers_that_it_may_have():
    message = uncertain()

    assert rule(did_not_arrive) == [message]

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == ("queued", "resent: she told me", 0)
    assert message.resent_at is not None
    [one] = claim(account=message.account, lane=Lane.TRANSACTIONAL, limit=1, epoch=None).claimed
    assert one.unknown_since == message.resent_at


@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
@pytest.mark.parametrize("status", [s for s in Message.Status.values if s != "uncertain"])
def test_nothing_else_is_ruled_on(verdict, status):
    make_message(status=status, uncertain_at=SINCE)

    assert rule(verdict) == []
    assert Message.objects.get().status == status


@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
def test_a_webhook_that_came_first_stands(verdict):
    message = uncertain()
    delivered(message)

    assert rule(verdict) == []

    message.refresh_from_db()
    assert (message.status, Tally.objects.get().accepted) == ("delivered", 1)


@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
def test_a_webhook_that_comes_after_has_the_last_word_and_counts_once(verdict):
    message = uncertain()
    rule(verdict)

    delivered(message)

    message.refresh_from_db()
    assert message.status == "delivered"
    assert sum(tally.accepted for tally in Tally.objects.all()) == 1
    assert claim(account=message.account, lane=Lane.TRANSACTIONAL, limit=1, epoch=None).due == 0


@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
def test_one_that_is_uncertain_anew_since_it_was_shown_is_left_alone(verdict):
    uncertain(uncertain_at=timezone.now())

    assert rule(verdict, asked_at=timezone.now() - timedelta(minutes=1)) == []


@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
def test_any_number_costs_the_same(verdict):
    account, template = make_account(), make_template()
    sender = make_sender(account)

    def make(count):
        for _ in range(count):
            uncertain(account=account, template=template, sender=sender)

    make(1)
    with CaptureQueriesContext(connection) as one:
        rule(verdict)
    make(20)
    with CaptureQueriesContext(connection) as twenty:
        assert len(rule(verdict)) == 20

    assert len(one) == len(twenty)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verdict", [arrived, did_not_arrive])
def test_a_webhook_at_the_same_moment_wins_and_counts_once(verdict):
    account, template = make_account(), make_template()
    sender = make_sender(account)
    for _ in range(30):
        uncertain(account=account, template=template, sender=sender)
    reports = [
        Report(account.pk, key, "", Stage.DELIVERED, timezone.now())
        for key in Message.objects.order_by("-pk").values_list("pk", flat=True)
    ]

    together(partial(rule, verdict), *(partial(stamp_many, reports[i::3]) for i in range(3)))

    assert set(Message.objects.values_list("status", flat=True)) == {"delivered"}
    assert sum(tally.accepted for tally in Tally.objects.all()) == 30
