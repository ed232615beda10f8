"""What would become of dead letters, asked before anything is done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.delivery import foresee as foreseeing
from automation.delivery.foresee import Fate, foresee
from automation.models import EspAccount, Flow, Message
from suppression.address import hash_address
from suppression.models import Scope
from tests.factories import (
    make_account,
    make_live_flow,
    make_message,
    make_plan,
    make_sender,
    make_template,
    make_topic,
)
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db


def failed(**fields):
    return make_message(status="failed", reason="rejected: no", attempts=1, **fields)


def of_flow(flow, **fields):
    return failed(topic=flow.topic, flow_version=flow.live_version, **fields)


def tried(message, outcome):
    at = timezone.now()
    message.attempt_set.create(number=1, account=message.account, outcome=outcome, began_at=at, ended_at=at)


def fates(**asked):
    return [(one.fate, one.why) for one in foresee(Message.objects.all(), **asked).prospects]


def test_what_nothing_speaks_against_goes():
    tried(failed(), "rejected")

    assert fates() == [(Fate.GOES, "")]


def test_only_what_has_failed_is_asked_about():
    for status in Message.Status.values:
        make_message(status=status)

    assert len(fates()) == 1


def test_whoever_has_left_meanwhile_is_left_alone():
    message = failed(topic=make_topic())
    make_suppression(address_hash=hash_address(message.to_email), scope=Scope.MARKETING)

    assert fates() == [(Fate.STAYS, "unsubscribed")]


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (Flow.Status.PAUSED, (Fate.WAITS, "flow_paused")),
        (Flow.Status.ARCHIVED, (Fate.STAYS, "flow_archived")),
    ],
)
def test_a_flow_that_is_not_live_holds_or_stops_it(status, fate):
    of_flow(make_live_flow())
    Flow.objects.update(status=status)

    assert fates() == [fate]


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ({"status": EspAccount.Status.PAUSED}, "account_paused"),
        ({"open_until": timezone.now() + timedelta(days=1), "trips": 1}, "breaker_open"),
    ],
)
def test_it_waits_for_an_account_that_does_not_send(account, why):
    failed(account=make_account(**account))

    assert fates() == [(Fate.WAITS, why)]


def test_a_breaker_that_lets_one_through_again_is_no_obstacle():
    failed(account=make_account(open_until=timezone.now() - timedelta(seconds=1), trips=1))

    assert fates() == [(Fate.GOES, "")]


def test_a_domain_that_warms_up_holds_it():
    topic, plan = make_topic(), make_plan()
    failed(account=plan.account, topic=topic)

    assert fates() == [(Fate.WAITS, "warming_up")]


def test_what_is_over_a_week_old_is_too_old_unless_somebody_says_otherwise():
    failed(created_at=timezone.now() - timedelta(days=8))

    assert fates() == [(Fate.STAYS, "too_old")]
    assert fates(max_age=timedelta(days=9)) == [(Fate.GOES, "")]


def test_a_flow_that_bounds_the_age_of_its_events_bounds_that_of_its_mail():
    of_flow(make_live_flow(max_event_age=timedelta(hours=1)), created_at=timezone.now() - timedelta(hours=2))
    of_flow(make_live_flow(max_event_age=timedelta(days=30)), created_at=timezone.now() - timedelta(days=20))

    assert fates() == [(Fate.STAYS, "too_old"), (Fate.GOES, "")]


@pytest.mark.parametrize("trace", ["attempt", "resent"])
def test_what_may_have_arrived_by_an_earlier_attempt_is_never_offered(trace):
    message = failed(resent_at=timezone.now() if trace == "resent" else None)
    if trace == "attempt":
        tried(message, "unknown")

    assert fates() == [(Fate.STAYS, "may_have_arrived")]


def test_a_mail_that_cannot_be_built_says_why():
    template = make_template(subject="Hello {{ name }}", variables=[{"name": "name", "path": "event.payload.name"}])
    failed(template=template, values={"name": "Ana\nBcc: eve@example.com"})

    [(fate, why)] = fates()

    assert fate is Fate.STAYS
    assert why.startswith("cannot_be_built: ")
    assert "eve" not in why


def test_whose_address_was_erased_stays():
    failed(to_email="")

    assert fates() == [(Fate.STAYS, "erased")]


def test_no_more_than_the_limit_is_looked_at_and_the_oldest_first(monkeypatch):
    monkeypatch.setattr(foreseeing, "LIMIT", 2)
    at = timezone.now()
    young, old, middle = (failed(due_at=at - timedelta(hours=age)) for age in (1, 3, 2))

    prospects = foresee(Message.objects.all()).prospects

    assert [one.message for one in prospects] == [old, middle]
    assert young not in [one.message for one in prospects]


def test_it_changes_nothing():
    message = failed(topic=make_topic())

    foresee(Message.objects.all())

    after = Message.objects.get()
    assert (after.status, after.reason, after.due_at) == ("failed", "rejected: no", message.due_at)


def test_the_number_of_statements_does_not_depend_on_the_batch():
    account, template, topic = make_account(), make_template(), make_topic()
    sender = make_sender(account)

    def make(count):
        for _ in range(count):
            failed(account=account, template=template, topic=topic, sender=sender)

    make(1)
    fates()  # Reads the template version, once in a process.
    with CaptureQueriesContext(connection) as one:
        fates()
    make(30)
    with CaptureQueriesContext(connection) as thirty:
        fates()

    assert len(one) == len(thirty) == 4  # Dead letters, accounts, policy, warm-up plans.
