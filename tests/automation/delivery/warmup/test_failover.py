"""What fails over to an account that is warming up comes under its plan: it is held, and nothing of it is lost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery import reroute as reroute_module
from automation.delivery.reroute import reroute
from automation.delivery.warmup.tend import tend
from automation.models import Message, Route, WarmupPlan
from tests.factories import make_account, make_plan

THIS_HOUR, A_DAY = 3, 100


@pytest.fixture(autouse=True)
def nothing_in_vain_yet():
    reroute_module._fruitless.clear()


@pytest.fixture
def stopped(db):
    """The account that should send: paused, and next in the routes is the shop's."""
    return make_account(status="paused")


@pytest.fixture
def plan(shop, stopped):
    for position, account in enumerate([stopped, shop.account]):
        Route.objects.create(position=position, account=account)
    return make_plan((THIS_HOUR, A_DAY), account=shop.account)


def used(plan: WarmupPlan) -> int:
    plan.refresh_from_db()
    return plan.used_this_hour


def tried_by(account, messages):
    """Each had an attempt there that surely did not reach the ESP."""
    at = timezone.now()
    for message in messages:
        message.attempt_set.create(number=1, account=account, outcome="never_left", began_at=at, ended_at=at)
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(attempts=1)


@pytest.mark.parametrize("is_tried", [False, True])
def test_no_more_go_out_than_the_plan_has_room_for_and_the_others_are_held(shop, stopped, plan, is_tried):
    messages = shop.mail(5, account=stopped)
    if is_tried:
        tried_by(stopped, messages)

    moved = reroute()

    assert (moved, len(shop.claimed())) == (5, THIS_HOUR)
    assert (shop.count("sending"), shop.count("held", account=shop.account, reason="warming_up")) == (THIS_HOUR, 2)
    assert used(plan) == THIS_HOUR


@pytest.mark.parametrize("is_tried", [False, True])
def test_what_was_held_goes_out_once_there_is_room(shop, stopped, plan, is_tried):
    messages = shop.mail(5, account=stopped)
    if is_tried:
        tried_by(stopped, messages)
    reroute()
    first = shop.claimed()

    plan.days.update(hourly=THIS_HOUR + 2)
    tend()

    assert sorted([*first, *shop.claimed()]) == sorted(message.pk for message in messages)
    assert used(plan) == THIS_HOUR + 2


def test_an_account_with_a_frozen_plan_takes_it_and_keeps_it(shop, stopped, plan):
    WarmupPlan.objects.update(status="frozen")
    shop.mail(2, account=stopped)
    reroute()

    assert shop.claimed() == []
    assert shop.count("held", account=shop.account) == 2


def test_transactional_mail_goes_out_and_leaves_less_room(shop, stopped, plan):
    shop.mail(2, account=stopped, lane=Lane.TRANSACTIONAL, topic=None)
    shop.mail(4, account=stopped)
    while reroute():
        pass

    assert (len(shop.claimed(Lane.TRANSACTIONAL)), len(shop.claimed())) == (2, 1)
    assert (shop.count("held"), used(plan)) == (3, THIS_HOUR)


def test_whoever_has_tried_them_is_asked_of_all_at_once(shop, stopped, plan):
    def statements(number):
        tried_by(stopped, shop.mail(number))
        with CaptureQueriesContext(connection) as made:
            shop.claimed()
        return len(made)

    plan.days.update(hourly=0)
    assert statements(1) == statements(6)
