"""Each claim asks the warm-up plans: what is counted is what goes out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.models import Message, WarmupPlan
from suppression.address import hash_address
from suppression.models import Scope
from tests.factories import make_contact, make_live_flow, make_message, make_plan, make_sender
from tests.suppression.factories import make_suppression


def used(plan):
    plan.refresh_from_db()
    return plan.used_this_hour, plan.used_today


def test_no_more_go_out_in_an_hour_than_its_cap_and_the_others_are_held(shop):
    plan = make_plan((3, 100), account=shop.account)
    shop.mail(5)

    assert len(shop.claimed()) == 3

    assert (shop.count("sending"), shop.count("held", reason="warming_up")) == (3, 2)
    assert used(plan) == (3, 3)
    assert plan.last_used_at is not None


def test_the_cap_holds_over_many_claims(shop):
    make_plan((3, 100), account=shop.account)
    shop.mail(5)

    assert [len(shop.claimed(limit=1)) for _ in range(5)] == [1, 1, 1, 0, 0]


def test_the_day_has_a_cap_of_its_own(shop):
    make_plan((20, 2), account=shop.account)
    shop.mail(5)

    assert len(shop.claimed()) == 2


def test_transactional_mail_never_waits_but_counts(shop):
    plan = make_plan((3, 100), account=shop.account)
    shop.mail(5, lane=Lane.TRANSACTIONAL, topic=None)
    shop.mail(2)

    assert len(shop.claimed(Lane.TRANSACTIONAL)) == 5
    assert len(shop.claimed()) == 0

    assert used(plan) == (5, 5)


def test_a_frozen_plan_lets_only_transactional_mail_out(shop):
    make_plan(account=shop.account, status="frozen")
    shop.mail()
    shop.mail(lane=Lane.TRANSACTIONAL, topic=None)

    assert (len(shop.claimed()), len(shop.claimed(Lane.TRANSACTIONAL))) == (0, 1)


def test_before_its_start_a_plan_lets_only_transactional_mail_out(shop):
    make_plan(account=shop.account, started_at=timezone.now() + timedelta(days=1))
    shop.mail()
    shop.mail(lane=Lane.TRANSACTIONAL, topic=None)

    assert (len(shop.claimed()), len(shop.claimed(Lane.TRANSACTIONAL))) == (0, 1)


@pytest.mark.parametrize("over", [{"status": "done"}, {"started_at": timezone.now() - timedelta(days=2)}])
def test_a_plan_that_is_over_holds_nothing(shop, over):
    make_plan((1, 1), account=shop.account, **over)
    shop.mail(5)

    assert len(shop.claimed()) == 5


def test_mail_of_another_domain_or_account_is_none_of_a_plans_business(shop):
    plan = make_plan((0, 0), account=shop.account)
    other_domain = make_sender(shop.account, email="shop@mail.example.com")
    shop.mail(sender=other_domain)
    elsewhere = make_message(sender=shop.sender, topic=shop.topic, lane=Lane.BULK)

    claims = claim(account=elsewhere.account, lane=Lane.BULK, limit=10, epoch=None)

    assert (len(shop.claimed()), len(claims.claimed)) == (1, 1)
    assert used(plan) == (0, 0)


def test_all_senders_of_a_domain_share_its_plan(shop):
    make_plan((3, 100), account=shop.account)
    shop.mail(2)
    shop.mail(2, sender=make_sender(shop.account, email="club@example.com"))

    assert len(shop.claimed()) == 3


def test_what_policy_refuses_takes_no_room(shop):
    plan = make_plan((1, 100), account=shop.account)
    suppressed, allowed = shop.mail(2)
    make_suppression(address_hash=hash_address(suppressed.to_email), scope=Scope.ALL)

    assert shop.claimed() == [allowed.pk]

    assert used(plan) == (1, 1)


def test_what_waits_for_its_paused_flow_takes_no_room(shop):
    plan = make_plan((1, 100), account=shop.account)
    flow = make_live_flow(sender=shop.sender, topic=shop.topic)
    shop.mail(flow_version=flow.live_version)
    flow.status = "paused"
    flow.save()

    assert shop.claimed() == []

    assert (used(plan), shop.count("queued")) == ((0, 0), 1)


def test_a_second_attempt_takes_no_second_place_and_is_not_held(shop):
    plan = make_plan((0, 0), account=shop.account)
    [message] = shop.mail(attempts=1)
    at = timezone.now()
    message.attempt_set.create(number=1, account=shop.account, outcome="throttled", began_at=at, ended_at=at)

    assert len(shop.claimed()) == 1

    assert used(plan) == (0, 0)


def test_what_may_have_gone_out_before_counts_but_is_not_held(shop):
    plan = make_plan((0, 0), account=shop.account)
    shop.mail(resent_at=timezone.now())

    assert len(shop.claimed()) == 1

    assert used(plan) == (1, 1)


def test_a_dead_letter_that_is_replayed_takes_its_place_anew(shop):
    make_plan((1, 100), account=shop.account)
    shop.mail(2, fence=3)

    assert len(shop.claimed()) == 1


def test_a_clock_that_is_set_back_grants_nothing_twice(shop, this_hour):
    plan = make_plan((3, 100), account=shop.account, hour=this_hour + timedelta(hours=1), day=1, used_this_hour=2)
    shop.mail(5)

    assert len(shop.claimed()) == 1

    plan.refresh_from_db()
    assert (plan.hour, plan.used_this_hour) == (this_hour + timedelta(hours=1), 3)


def test_the_next_hour_grants_anew(shop, this_hour):
    plan = make_plan((3, 5), account=shop.account, hour=this_hour - timedelta(hours=1), day=1)
    WarmupPlan.objects.update(used_this_hour=3, used_today=3)
    shop.mail(5)

    assert len(shop.claimed()) == 2

    assert used(plan) == (2, 5)


def test_what_a_claim_holds_keeps_its_contacts_engagement(shop):
    make_plan((0, 0), account=shop.account)
    engaged_at = timezone.now() - timedelta(days=3)
    [keen] = shop.mail(contact=make_contact(engaged_at=engaged_at))
    [gone] = shop.mail()

    shop.claimed()

    keen.refresh_from_db()
    gone.refresh_from_db()
    assert (keen.status, keen.engaged_at) == ("held", engaged_at)
    assert (gone.status, gone.engaged_at) == ("held", None)


def test_a_claim_of_any_size_costs_four_statements_more(shop):
    def cost(messages):
        shop.mail(messages)
        with CaptureQueriesContext(connection) as queries:
            shop.claimed()
        return len(queries)

    cost(1)  # Reads the template.
    without = cost(3)
    make_plan((5, 100), account=shop.account)

    assert cost(10) == without + 4
    assert cost(20) <= without + 4  # There is no room left, so nothing to lease.


@pytest.mark.django_db(transaction=True)
def test_however_many_workers_claim_the_cap_holds_and_the_count_is_exact(shop):
    plan = make_plan((30, 100), account=shop.account)
    shop.mail(100)
    shop.mail(10, lane=Lane.TRANSACTIONAL, topic=None)
    barrier = Barrier(6)

    def work(number):
        barrier.wait(timeout=10)
        taken = [shop.claimed(Lane.TRANSACTIONAL if number == 0 else Lane.BULK, limit=7) for _ in range(6)]
        connection.close()
        return [pk for claims in taken for pk in claims]

    with ThreadPoolExecutor(6) as pool:
        taken = [pk for claims in pool.map(work, range(6)) for pk in claims]

    bulk = Message.objects.filter(pk__in=taken, lane=Lane.BULK).count()
    assert len(taken) == len(set(taken)) == shop.count("sending")
    assert 20 <= bulk <= 30  # How many of the ten transactional ones came first is up to the race.
    assert used(plan) == (len(taken), len(taken))
