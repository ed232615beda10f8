"""Failover: what moves when an account cannot send, what never does, and where to."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core import wake as wake_module
from automation.core.lanes import Lane
from automation.delivery import reroute as reroute_module
from automation.delivery.pause import pause_account
from automation.delivery.reroute import reroute
from automation.delivery.resume import resume_account
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.models import Attempt, Message, Route
from tests.factories import make_account, make_contact, make_message, make_sender, make_template, make_topic

pytestmark = pytest.mark.django_db

SOON = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def nothing_in_vain_yet():
    reroute_module._fruitless.clear()


@pytest.fixture
def first():
    return make_account(status="paused")


@pytest.fixture
def second():
    return make_account()


@pytest.fixture
def routes(first, second):
    """Everything goes through the first, else through the second."""
    return [Route.objects.create(position=n, account=account) for n, account in enumerate([first, second])]


def account_of(message):
    message.refresh_from_db()
    return message.account


def test_what_waits_at_a_paused_account_moves_to_the_next(routes, first, second):
    message = make_message(account=first)

    assert reroute() == 1

    assert account_of(message) == second
    assert (message.status, message.fence, message.attempts) == ("queued", 0, 0)


def test_what_waits_behind_an_open_breaker_moves_to_the_next(routes, first, second):
    first.status, first.trips, first.open_until = "active", 1, timezone.now() + SOON
    first.save()
    message = make_message(account=first)

    reroute()

    assert account_of(message) == second


@pytest.mark.parametrize(
    "state",
    [
        {"status": "sending"},
        {"status": "uncertain"},
        {"status": "held"},
        {"status": "failed"},
        {"status": "sent"},
        {"uncertain_at": timezone.now()},  # Queued again under its idempotency key, which only its ESP knows.
        {"resent_at": timezone.now()},  # Queued again although it may have arrived: its ESP may still tell.
    ],
)
def test_what_the_esp_may_have_taken_stays(routes, first, state):
    message = make_message(account=first, **state)

    assert reroute() == 0
    assert account_of(message) == first


def test_what_waits_at_an_account_that_can_send_stays(routes, second):
    message = make_message(account=second)

    assert reroute() == 0
    assert account_of(message) == second


def test_without_routes_nothing_moves(first, second):
    message = make_message(account=first)

    assert reroute() == 0
    assert account_of(message) == first


def test_with_one_route_nothing_moves(first):
    Route.objects.create(account=first)
    make_message(account=first)

    assert reroute() == 0


def test_if_nobody_can_send_nothing_moves(routes, first, second):
    second.status = "paused"
    second.save()
    message = make_message(account=first)

    assert reroute() == 0
    assert account_of(message) == first


def test_only_what_the_other_route_fits_moves(first, second):
    offers, topic = make_topic(), make_topic()
    Route.objects.create(position=1, account=first)
    Route.objects.create(position=2, account=second, topic=offers, region="EU")
    european, american = make_contact(region="EU"), make_contact(region="US")
    fits = make_message(account=first, topic=offers, contact=european)
    others = [
        make_message(account=first, topic=topic, contact=european),
        make_message(account=first, topic=offers, contact=american),
        make_message(account=first, topic=offers),
    ]

    assert reroute() == 1

    assert account_of(fits) == second
    assert {account_of(other) for other in others} == {first}


def test_it_comes_back_to_no_account_that_it_has_left(routes, first, second):
    message = make_message(account=first)
    reroute()

    resume_account(first)

    assert reroute() == 0
    assert account_of(message) == second


def test_a_pause_between_attempts_ends_with_the_account_and_attempts_still_count(routes, first):
    later = timezone.now() + timedelta(hours=1)
    tried = make_message(account=first, attempts=2, due_at=later)
    untried = make_message(account=first, due_at=later)

    reroute()

    tried.refresh_from_db()
    untried.refresh_from_db()
    assert (tried.attempts, tried.due_at <= timezone.now()) == (2, True)
    assert untried.due_at == later


def test_higher_lanes_move_first_and_no_more_than_asked_for(routes, first, second):
    topic = make_topic()
    bulk = [make_message(account=first, topic=topic, lane=Lane.BULK) for _ in range(3)]
    receipt = make_message(account=first)

    assert reroute(limit=2) == 1
    assert account_of(receipt) == second
    assert [reroute(limit=2), reroute(limit=2), reroute(limit=2)] == [2, 1, 0]
    assert {account_of(one) for one in bulk} == {second}


def test_a_breaker_that_wants_to_try_is_given_one_message_and_no_more(routes, first, second):
    second.trips, second.open_until = 1, timezone.now() - SOON
    second.save()
    for _ in range(3):
        make_message(account=first)

    assert [reroute(), reroute()] == [1, 0]

    assert Message.objects.filter(account=second).count() == 1


@pytest.mark.django_db(transaction=True)
def test_rows_that_others_hold_are_passed_over(routes, first, second, together):
    held, free = make_message(account=first), make_message(account=first)
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=held.pk)

        together(reroute)

    assert (account_of(held), account_of(free)) == (first, second)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_each_row_moves_once(routes, first, second, together):
    sender, template = make_sender(first), make_template()
    for _ in range(40):
        make_message(account=first, sender=sender, template=template)
    moved = []

    together(*[lambda: moved.append(reroute())] * 4)

    assert sum(moved) == Message.objects.filter(account=second).count() == 40


def test_the_number_of_statements_does_not_depend_on_the_batch(routes, first):
    sender, template = make_sender(first), make_template()

    def statements(count):
        for _ in range(count):
            make_message(account=first, sender=sender, template=template)
        with CaptureQueriesContext(connection) as queries:
            assert reroute() == count
        return len(queries)

    assert statements(1) == statements(40) == 6  # Two of them begin and end the transaction.


def test_while_no_account_is_stopped_it_costs_one_statement(routes, first, django_assert_num_queries):
    resume_account(first)

    with django_assert_num_queries(3):
        assert reroute() == 0


def test_a_look_in_vain_is_not_repeated_at_once_unless_something_has_changed(routes, first, second, monkeypatch):
    monkeypatch.setattr(reroute_module, "REST", 1e9)
    assert reroute() == 0
    message = make_message(account=first)
    assert reroute() == 0

    Route.objects.create(position=3, account=second, lane="bulk")

    assert reroute() == 1
    assert account_of(message) == second


def test_pausing_calls_for_failover_and_moving_calls_the_lane(
    routes, first, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.WAKE = True
    called = []
    monkeypatch.setattr(wake_module._caller, "call_soon", called.append)
    resume_account(first)
    make_message(account=first)

    with django_capture_on_commit_callbacks(execute=True):
        pause_account(first, reason="test")
        reroute()

    assert called == ["automation.reap", "automation.deliver.transactional"]


# What the ESP that it has left still tells


def tried_and_moved(first):
    """Its call was throttled, we thought, so it went to the other account."""
    message = make_message(account=first, attempts=1)
    now = timezone.now()
    Attempt.objects.create(
        message=message, number=1, account=first, outcome="throttled", status_code=503, began_at=now, ended_at=now
    )
    reroute()
    return message


def report(message, account, stage):
    return Report(account.pk, message.pk, "esp-1", stage, timezone.now())


def test_the_account_that_it_has_left_may_tell_that_it_had_taken_it_after_all(routes, first):
    message = tried_and_moved(first)

    stamp_many([report(message, first, Stage.DELIVERED)])

    assert account_of(message) == first  # Whose complaints, too, will be about it; and nobody sends it now.
    assert (message.status, message.esp_message_id) == ("delivered", "esp-1")


def test_once_the_other_has_sent_it_both_are_heard(routes, first, second):
    message = tried_and_moved(first)
    stamp_many([report(message, second, Stage.SENT)])

    stamp_many([report(message, first, Stage.COMPLAINED)])

    assert account_of(message) == second
    assert message.status == "complained"


def test_an_account_that_never_tried_it_is_not_heard(routes, first):
    message = tried_and_moved(first)

    assert stamp_many([report(message, make_account(), Stage.DELIVERED)]) == [None]


def test_reports_of_accounts_that_were_left_cost_one_statement_more(routes, first, django_assert_num_queries):
    told = [report(tried_and_moved(first), first, Stage.DELIVERED) for _ in range(10)]

    with django_assert_num_queries(4):
        stamp_many(told)
