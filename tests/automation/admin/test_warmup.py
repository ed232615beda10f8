"""Warm-up plans in the admin: made from a preset, looked at, thawed, begun again; and what waits for them."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from automation.admin.warmup_charts import charts
from automation.delivery.warmup.freeze import Counts
from automation.delivery.warmup.presets import Caps
from automation.delivery.warmup.progress import Day
from automation.models import Message, Tally, WarmupPlan
from tests.automation.admin.pages import press, said, save, url
from tests.factories import make_account, make_message, make_plan, make_sender

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def new_plan(account, **fields):
    start = timezone.now()
    return {
        "account": account.pk,
        "domain": "example.com",
        "preset": "2_weeks",
        "target": "5000",
        "started_at_0": f"{start:%Y-%m-%d}",
        "started_at_1": f"{start:%H:%M:%S}",
        "max_bounce_percent": "3",
        "max_complaint_percent": "0.1",
        "min_volume": "100",
        **fields,
    }


def test_a_plan_is_made_from_a_preset(admin_client):
    account = make_account()
    make_sender(account)

    admin_client.post(url(WarmupPlan, "add"), new_plan(account, domain=" Example.COM "))

    plan = WarmupPlan.objects.get()
    assert (plan.domain, plan.days.count()) == ("example.com", 14)
    assert list(plan.days.values_list("day", "daily"))[-1] == (14, 5_000)


def test_a_domain_that_no_sender_has_is_refused(admin_client):
    page = admin_client.post(url(WarmupPlan, "add"), new_plan(make_account(), domain="exmaple.com"))

    assert page.context["adminform"].form.errors == {"domain": ["No sender has an address there."]}


def test_a_second_plan_for_the_same_mail_is_refused(admin_client):
    account = make_account()
    make_sender(account)
    make_plan(account=account)

    page = admin_client.post(url(WarmupPlan, "add"), new_plan(account))

    assert "already exists" in str(page.context["adminform"].form.errors)


def test_a_days_caps_are_edited_and_what_the_engine_counts_is_left_alone(admin_client):
    plan = make_plan((20, 480), (28, 672), used_this_hour=7)

    save(admin_client, plan, **{"days-1-daily": "500", "min_volume": "50"})

    plan.refresh_from_db()
    assert (plan.min_volume, plan.used_this_hour, plan.days.get(day=2).daily) == (50, 7, 500)


def test_a_frozen_plan_is_resumed_with_who_and_why_in_its_history(admin_client):
    plan = make_plan(status="frozen", frozen_reason="hard bounces: 24 of 480 mails")

    assert said(press(admin_client, plan, "resume", reason="old list removed")) == ["Running again."]

    plan.refresh_from_db()
    entry = LogEntry.objects.get()
    assert (plan.status, entry.user.username) == ("running", "root")
    assert entry.get_change_message() == "Resumed, was frozen (hard bounces: 24 of 480 mails): old list removed"


def test_a_plan_is_not_resumed_without_a_reason_or_twice(admin_client):
    plan = make_plan(status="frozen")

    press(admin_client, plan, "resume", reason="")
    plan.refresh_from_db()
    assert plan.status == "frozen"

    press(admin_client, plan, "resume", reason="seen to")
    assert said(press(admin_client, plan, "resume", reason="seen to")) != ["Running again."]


def test_a_plan_is_begun_again(admin_client):
    plan = make_plan(status="done", started_at=timezone.now() - 40 * DAY)

    press(admin_client, plan, "begin_again")

    plan.refresh_from_db()
    assert (plan.status, timezone.now() - plan.started_at < DAY) == ("running", True)


def test_the_days_are_replaced_by_a_presets(admin_client):
    plan = make_plan()

    press(admin_client, plan, "fill", preset="sendgrid", target="1")

    assert list(plan.days.values_list("day", "hourly"))[:3] == [(1, 20), (2, 28), (3, 39)]


def test_the_page_says_how_it_stands(admin_client):
    account = make_account()
    sender = make_sender(account)
    start = (timezone.now() - DAY).replace(minute=0)
    plan = make_plan((20, 480), (28, 50), (40, 400), account=account, started_at=start, last_used_at=timezone.now())
    for _ in range(3):
        make_message(account=account, sender=sender, status="held")

    page = admin_client.get(url(WarmupPlan, "change", plan.pk)).content.decode()

    assert "Day 2 of the warm-up of example.com allows 28 an hour and 50 in all (0 and 0 used); 3 wait;" in page
    assert f"at this plan the last goes out about {timezone.now():%Y-%m-%d %H}:00 UTC" in page
    assert f"status__exact=held&account__id__exact={account.pk}" in page
    assert page.count('class="chart"') == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"status": "frozen", "frozen_reason": "complaints: 9"}, "is frozen (complaints: 9); 1 waits until a person"),
        ({"started_at": timezone.now() + DAY}, "begins at"),
        ({"status": "running"}, "Day 1 of the warm-up of example.com allows 20 an hour"),
    ],
)
def test_a_held_message_says_what_it_waits_for(admin_client, fields, says):
    account = make_account()
    make_plan(account=account, **fields)
    message = make_message(account=account, status="held", reason="warming_up")

    assert says in admin_client.get(url(Message, "change", message.pk)).content.decode()


def test_what_no_plan_holds_any_more_says_so(admin_client):
    message = make_message(status="held", reason="warming_up")

    page = admin_client.get(url(Message, "change", message.pk)).content.decode()

    assert "No warm-up holds it any more: it goes out within a minute." in page


def test_held_messages_are_listed_without_a_question_for_each(admin_client, django_assert_max_num_queries):
    make_message(status="held", reason="warming_up")
    with django_assert_max_num_queries(50) as first:
        admin_client.get(url(Message, "changelist"), {"status__exact": "held"})
    make_message(status="held", reason="warming_up")

    with django_assert_max_num_queries(len(first)):
        page = admin_client.get(url(Message, "changelist"), {"status__exact": "held"}).content.decode()

    assert "waits for the warm-up of its domain" in page


def test_the_list_says_how_far_each_plan_is(admin_client):
    make_plan((20, 480), (28, 672), status="frozen")
    make_plan(status="done", domain="example.org")

    page = admin_client.get(url(WarmupPlan, "changelist")).content.decode()

    assert ("1 of 2" in page, "0 of 20" in page, "0 of 480" in page) == (True, True, True)


def test_the_charts_hold_each_days_mail_against_its_cap_and_its_rates_against_the_limits(admin_client):
    plan = make_plan()
    days = [
        Day(1, Caps(20, 480), Counts(accepted=400, hard_bounced=8, complained=1)),
        Day(2, Caps(28, 672), Counts()),
        Day(3, Caps(39, 936), None),
    ]

    mail, rates = (json.loads(chart.data) for chart in charts(plan, days))

    assert mail["labels"] == [1, 2, 3]
    assert [one["data"] for one in mail["datasets"]] == [[400, None, None], [480, 672, 936]]
    assert [one["data"] for one in rates["datasets"]] == [
        *([2.0, None, None], [3.0] * 3),
        *([0.25, None, None], [0.1] * 3),
    ]


def test_each_days_mail_is_counted_over_hours_flows_and_connections(admin_client):
    account = make_account()
    sender = make_sender(account)
    start = (timezone.now() - DAY).replace(minute=0, second=0, microsecond=0)
    plan = make_plan((20, 480), (28, 672), account=account, started_at=start, last_used_at=timezone.now())
    for hours, backend, accepted in [(-1, 1, 1000), (0, 1, 1), (0, 2, 2), (23, 1, 4), (24, 1, 8)]:
        Tally.objects.create(
            hour=start + timedelta(hours=hours), account=account, sender=sender, backend=backend, accepted=accepted
        )

    page = admin_client.get(url(WarmupPlan, "change", plan.pk))

    [mail, _] = page.context["charts"]
    assert json.loads(mail.data)["datasets"][0]["data"] == [7, 8]
