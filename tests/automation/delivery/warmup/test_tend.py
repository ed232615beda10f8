"""What becomes due of plans by itself: releases, freezes, ends and new beginnings."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from structlog.testing import capture_logs

from automation import tasks
from automation.delivery.warmup.resume import begin_again, resume_plan
from automation.delivery.warmup.tend import tend
from automation.models import EspAccount, Tally
from tests.factories import make_account, make_plan, make_sender

DAY = timedelta(days=1)


def make_tally(shop, hour, **counts):
    return Tally.objects.create(
        **{"hour": hour, "account": shop.account, "sender": shop.sender, "backend": Tally.objects.count(), **counts}
    )


def tended(plan):
    tend()
    plan.refresh_from_db()
    return plan


def test_what_is_held_is_released_up_to_the_cap(shop):
    plan = make_plan((3, 100), account=shop.account)
    shop.mail(5, status="held")

    assert [tend(), tend()] == [3, 0]

    assert (shop.count("queued"), len(shop.claimed()), tend()) == (3, 3, 0)
    plan.refresh_from_db()
    assert (plan.used_this_hour, plan.day) == (3, 1)


def test_a_plan_that_is_full_says_until_when(shop, this_hour):
    plan = make_plan((3, 100), account=shop.account)
    shop.mail(2, status="held")
    assert tended(plan).full_until is None

    shop.mail(2, status="held")

    assert tended(plan).full_until == this_hour + timedelta(hours=1)


def test_after_its_last_day_a_plan_is_done_and_all_goes_out(shop):
    plan = make_plan((1, 1), account=shop.account, started_at=timezone.now() - DAY, last_used_at=timezone.now())
    shop.mail(5, status="held")

    assert tend() == 5

    plan.refresh_from_db()
    assert (plan.status, len(shop.claimed())) == ("done", 5)


def test_after_thirty_silent_days_a_plan_begins_again(shop):
    days = [(10, 100)] * 60
    silent = make_plan(
        *days, account=shop.account, started_at=timezone.now() - 40 * DAY, last_used_at=timezone.now() - 31 * DAY
    )
    slow = make_plan(
        *days, account=make_account(), started_at=timezone.now() - 40 * DAY, last_used_at=timezone.now() - 29 * DAY
    )

    assert (tended(silent).day, tended(slow).day) == (1, 41)
    assert (silent.status, timezone.now() - silent.started_at < timedelta(hours=1)) == ("running", True)


def test_day_1_of_a_plan_waits_for_the_first_mail(shop):
    plan = make_plan((10, 100), (20, 200), account=shop.account, started_at=timezone.now() - 5 * DAY)

    assert (tended(plan).day, plan.status) == (1, "running")


def test_a_frozen_plan_is_left_to_a_person(shop):
    plan = make_plan(account=shop.account, status="frozen", started_at=timezone.now() - 50 * DAY)
    shop.mail(5, status="held")

    assert tend() == 0

    assert tended(plan).status == "frozen"


@pytest.mark.parametrize(
    ("accepted", "bounced", "complained", "freezes"),
    [
        (1_000, 30, 0, False),
        (1_000, 31, 0, True),
        (1_000, 0, 1, False),
        (1_000, 0, 2, True),
        (999, 0, 1, False),  # One person is no rate.
        (99, 50, 50, False),  # Too few mails.
        (100, 4, 0, True),
    ],
)
def test_too_many_bounces_or_complaints_freeze_a_plan(shop, this_hour, accepted, bounced, complained, freezes):
    plan = make_plan(account=shop.account)
    make_tally(shop, this_hour, accepted=accepted, hard_bounced=bounced)
    make_tally(shop, this_hour, complained=complained)
    shop.mail(status="held")

    with capture_logs() as logs:
        released = tend()

    plan.refresh_from_db()
    assert (plan.status, released) == (("frozen", 0) if freezes else ("running", 1))
    assert [log["event"] for log in logs if log["log_level"] == "error"] == (["warmup_frozen"] if freezes else [])


def test_a_frozen_plan_says_why(shop, this_hour):
    plan = make_plan(account=shop.account)
    make_tally(shop, this_hour, accepted=480, hard_bounced=24)

    tended(plan)

    assert plan.frozen_reason == "hard bounces: 24 of 480 mails, 5.00 %, on day 1; the plan allows 3 %"
    assert plan.frozen_at is not None


def test_another_day_account_or_domain_freezes_nothing(shop, this_hour):
    bad = {"accepted": 1_000, "hard_bounced": 500}
    plan = make_plan((10, 100), (20, 200), account=shop.account, started_at=this_hour - DAY, last_used_at=this_hour)
    make_tally(shop, this_hour - timedelta(hours=1), **bad)
    make_tally(shop, this_hour, account=make_account(), **bad)
    make_tally(shop, this_hour, sender=make_sender(shop.account, email="shop@example.org"), **bad)

    assert (tended(plan).status, plan.day) == ("running", 2)


def test_a_plan_that_is_resumed_does_not_freeze_again_from_the_same_numbers(shop, this_hour):
    plan = make_plan(account=shop.account)
    make_tally(shop, this_hour, accepted=1_000, hard_bounced=500)
    shop.mail(status="held")
    tended(plan)

    assert resume_plan(plan)

    assert (tended(plan).status, plan.frozen_reason, shop.count("queued")) == ("running", "", 1)
    assert not resume_plan(plan)


def test_new_numbers_freeze_it_again(shop, this_hour):
    resumed_at = this_hour - timedelta(hours=2, minutes=30)
    plan = make_plan(account=shop.account, started_at=this_hour - timedelta(hours=5), rates_from=resumed_at)
    make_tally(shop, this_hour - timedelta(hours=3), accepted=1_000, hard_bounced=500)
    assert tended(plan).status == "running"

    make_tally(shop, this_hour - timedelta(hours=2), accepted=100, hard_bounced=50)

    assert tended(plan).status == "frozen"


@pytest.mark.parametrize("status", ["running", "frozen", "done"])
def test_a_person_begins_a_plan_again_from_any_state(shop, this_hour, status):
    plan = make_plan(
        *[(10, 100)] * 9, account=shop.account, status=status, started_at=this_hour - 5 * DAY, last_used_at=this_hour
    )
    plan.hour, plan.used_this_hour, plan.day, plan.used_today = this_hour, 10, 6, 60
    plan.save()

    begin_again(plan)

    tended(plan)
    assert (plan.status, plan.day, plan.used_today) == ("running", 1, 0)
    assert plan.used_this_hour == 10  # This hour has had its mail.


def test_a_plan_that_a_clock_far_ahead_has_ended_can_begin_again(shop, this_hour):
    plan = make_plan(account=shop.account, hour=this_hour + 1_000 * DAY, day=1_000, last_used_at=timezone.now())
    assert tended(plan).status == "done"

    begin_again(plan)

    assert (tended(plan).status, plan.day, plan.hour) == ("running", 1, this_hour)


def test_the_task_that_beat_calls_tends_the_plans(shop):
    make_plan((3, 100), account=shop.account)
    shop.mail(5, status="held")

    tasks.warmup()

    assert shop.count("queued") == 3


def test_an_account_that_is_slow_piles_nothing_up(shop, this_hour):
    plan = make_plan((3, 100), account=shop.account)
    shop.mail(20, status="held")

    for hours in range(1, 5):
        tend()
        plan.hour = this_hour - timedelta(hours=hours)
        plan.save(update_fields=["hour"])

    assert shop.count("queued") == 3


@pytest.mark.parametrize("stopped", [{"status": "paused"}, {"open_until": timezone.now() + DAY}])
def test_nothing_is_released_while_its_account_cannot_send(shop, stopped):
    make_plan(account=shop.account)
    shop.mail(5, status="held")
    EspAccount.objects.update(**stopped)
    assert tend() == 0

    EspAccount.objects.update(status="active", open_until=timezone.now())

    assert tend() == 5


def test_a_round_costs_the_same_however_many_are_held(shop):
    make_plan((5, 100), account=shop.account)

    def cost(messages):
        shop.mail(messages, status="held")
        with CaptureQueriesContext(connection) as queries:
            tend()
        return len(queries)

    assert cost(1) == cost(3)
