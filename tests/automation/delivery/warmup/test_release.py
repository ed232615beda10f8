"""What is held goes out by and by: the most engaged first, no more than there is room for, and in the end all of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.warmup import release as module
from automation.delivery.warmup.release import release, release_uncovered
from automation.delivery.warmup.tend import tend
from automation.models import Flow, Message, SenderIdentity, WarmupPlan
from tests.factories import make_account, make_live_flow, make_plan, make_sender

DAYS_AGO = [timezone.now() - timedelta(days=days) for days in range(10)]


def queued():
    return list(Message.objects.filter(status="queued").order_by("pk"))


def test_the_most_engaged_go_first_then_the_oldest(shop):
    plan = make_plan(account=shop.account)
    [stranger] = shop.mail(status="held", created_at=DAYS_AGO[2])
    [old_stranger] = shop.mail(status="held", created_at=DAYS_AGO[9])
    [yesterday] = shop.mail(status="held", engaged_at=DAYS_AGO[1], created_at=DAYS_AGO[0])
    [last_week] = shop.mail(status="held", engaged_at=DAYS_AGO[7], created_at=DAYS_AGO[8])

    order = []
    for room in range(1, 5):
        release(plan, room)
        order += [message for message in queued() if message not in order]

    assert order == [yesterday, last_week, old_stranger, stranger]


def test_what_follows_something_a_person_did_goes_before_what_goes_to_many(shop):
    plan = make_plan(account=shop.account)
    shop.mail(status="held", engaged_at=DAYS_AGO[0])
    [reminder] = shop.mail(status="held", lane=Lane.TRIGGERED)

    release(plan, 1)

    assert queued() == [reminder]


def test_what_is_released_is_due_now_and_no_longer_held_for_anything(shop):
    plan = make_plan(account=shop.account)
    [message] = shop.mail(status="held", reason="warming_up", engaged_at=DAYS_AGO[1], due_at=DAYS_AGO[5])

    release(plan, 10)

    message.refresh_from_db()
    assert (message.status, message.reason, message.engaged_at) == ("queued", "", None)
    assert timezone.now() - message.due_at < timedelta(seconds=10)
    assert shop.claimed() == [message.pk]


def test_what_is_on_its_way_takes_room(shop):
    plan = make_plan(account=shop.account)
    shop.mail(3)
    shop.mail(5, status="held")

    assert release(plan, 4) == (1, True)
    assert release(plan, 4) == (0, True)
    assert release(plan, 100) == (4, False)


@pytest.mark.parametrize("other", [{"attempts": 1}, {"lane": Lane.TRANSACTIONAL, "topic": None}])
def test_what_takes_no_room_of_its_own_leaves_it(shop, other):
    plan = make_plan(account=shop.account)
    shop.mail(3, **other)
    shop.mail(status="held")

    assert release(plan, 1).messages == 1


def test_messages_of_a_paused_flow_stay_held_and_fill_nothing(shop):
    plan = make_plan(account=shop.account)
    flow = make_live_flow(sender=shop.sender, topic=shop.topic)
    shop.mail(2, flow_version=flow.live_version)
    shop.mail(2, status="held", flow_version=flow.live_version, engaged_at=DAYS_AGO[0])
    [other] = shop.mail(status="held")
    Flow.objects.filter(pk=flow.pk).update(status="paused")

    assert release(plan, 1) == (1, True)
    assert other in queued()

    Flow.objects.filter(pk=flow.pk).update(status="live")
    assert release(plan, 5).messages == 2


def test_another_domains_or_accounts_mail_is_left_alone(shop):
    plan = make_plan(account=shop.account)
    shop.mail(status="held", sender=make_sender(shop.account, email="shop@example.org"))
    shop.mail(status="held", account=make_account())

    assert release(plan, 10) == (0, False)


def test_all_senders_of_the_domain_are_served_in_one_order(shop):
    plan = make_plan(account=shop.account)
    club = make_sender(shop.account, email="club@EXAMPLE.com")
    [second] = shop.mail(status="held", engaged_at=DAYS_AGO[2])
    [first] = shop.mail(status="held", engaged_at=DAYS_AGO[1], sender=club)

    release(plan, 1)

    assert queued() == [first]
    assert second.status == "held"


def test_a_million_are_released_in_bounded_steps(shop, monkeypatch):
    plan = make_plan(account=shop.account)
    monkeypatch.setattr(module, "AT_ONCE", 2)
    shop.mail(5, status="held")

    assert [release(plan, 1_000_000) for _ in range(4)] == [(2, False), (2, False), (1, False), (0, False)]


def test_a_release_costs_one_statement(shop):
    plan = make_plan(account=shop.account)
    shop.mail(30, status="held")

    with CaptureQueriesContext(connection) as queries:
        release(plan, 20)

    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_else_has_locked_is_passed_over(shop):
    plan = make_plan(account=shop.account)
    [locked] = shop.mail(status="held", engaged_at=DAYS_AGO[0])
    shop.mail(status="held")

    def in_another_connection():
        try:
            return release(plan, 10).messages
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Message.objects.select_for_update().get(pk=locked.pk)
        assert pool.submit(in_another_connection).result(timeout=10) == 1


@pytest.mark.django_db(transaction=True)
def test_however_many_tend_at_once_no_more_is_released_than_there_is_room_for(shop):
    make_plan((20, 480), account=shop.account)
    shop.mail(60, status="held")
    barrier = Barrier(4)

    def work(_):
        barrier.wait(timeout=10)
        released = tend()
        connection.close()
        return released

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 20
    assert (shop.count("queued"), shop.count("held")) == (20, 40)


UNCOVERED = {
    "the plan is done": lambda: WarmupPlan.objects.update(status="done"),
    "the plan was deleted": lambda: WarmupPlan.objects.all().delete(),
    "the plan is another account's now": lambda: WarmupPlan.objects.update(account=make_account()),
    "the sender has another domain now": lambda: SenderIdentity.objects.update(email="shop@example.org"),
}


@pytest.mark.parametrize("happens", UNCOVERED.values(), ids=UNCOVERED)
def test_what_no_plan_covers_any_more_is_released(shop, happens):
    make_plan(account=shop.account)
    shop.mail(3, status="held")
    assert release_uncovered() == 0

    happens()

    assert release_uncovered(limit=2) == 2
    assert release_uncovered(limit=2) == 1
    assert shop.count("queued") == 3


def test_what_a_plan_covers_stays_held_though_another_is_done(shop):
    make_plan(account=shop.account, status="frozen")
    make_plan(domain="example.org", account=shop.account, status="done")
    shop.mail(status="held")

    assert release_uncovered() == 0


def test_what_is_held_is_found_by_an_index_that_covers_it(shop):
    plan = make_plan(account=shop.account)
    shop.mail(status="held")

    with connection.cursor() as cursor:
        # Other plans sort, and are chosen where the table is as small as here.
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        params = {"account": plan.account_id, "domain": plan.domain, "room": 10, "limit": 10}
        cursor.execute(f"EXPLAIN {module._RELEASE}", params)
        explained = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using message_held" in explained
