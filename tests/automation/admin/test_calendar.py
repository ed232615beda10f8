"""Hours, caps, rollouts and holdouts on the admin's pages, in words that a marketer reads."""

from datetime import time, timedelta

import pytest
from django.contrib.auth.models import User

from automation.admin.caps import sentence
from automation.core.lanes import Lane
from automation.models import Flow, FrequencyCap, HouseRules
from suppression.models import Topic
from tests.automation.admin.pages import filled_in, save, url
from tests.factories import make_event_type, make_flow

pytestmark = pytest.mark.django_db


def test_a_flows_page_holds_its_hours_and_shares(admin_client):
    flow, bought = make_flow(), make_event_type()

    save(
        admin_client,
        flow,
        send_from="09:00",
        send_until="17:30",
        send_weekdays=["0", "4"],
        quiet_hours="keep",
        time_zone="Europe/Lisbon",
        rollout_percent="10",
        holdout_percent="5",
        conversion_event=bought.pk,
        conversion_within_0="3",
        conversion_within_1="3600",
    )

    flow.refresh_from_db()
    assert (flow.send_from, flow.send_until, flow.send_weekdays) == (time(9), time(17, 30), [0, 4])
    assert (flow.quiet_hours, flow.time_zone) == ("keep", "Europe/Lisbon")
    assert (flow.rollout_percent, flow.holdout_percent) == (10, 5)
    assert (flow.conversion_event, flow.conversion_within) == (bought, timedelta(hours=3))


def test_a_page_that_is_saved_as_it_was_changes_nothing(admin_client):
    flow = make_flow(send_from=time(9), send_until=time(17), send_weekdays=[5])
    before = Flow.objects.values().get()

    save(admin_client, flow)

    after = Flow.objects.values().get()
    assert before | {"updated_at": None} == after | {"updated_at": None}


def test_a_zone_that_is_none_is_refused(admin_client):
    response = save(admin_client, make_flow(), time_zone="Lisbon")

    assert "time_zone" in response.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"limit": 3}, "Nobody gets more than 3 marketing mails in 7 days."),
        ({"limit": 1, "period": timedelta(hours=36)}, "Nobody gets more than 1 marketing mail in 1 day 12 hours."),
        (
            {"limit": 2, "topic": Topic(name="Offers"), "lane": Lane.BULK},
            "Nobody gets more than 2 bulk mails about Offers in 7 days.",
        ),
        ({}, "No cap: it has no number."),
    ],
)
def test_a_cap_reads_as_a_sentence(fields, said):
    assert sentence(FrequencyCap(**fields)) == said


def add_cap(client, **typed):
    page = url(FrequencyCap, "add")
    return client.post(page, {**filled_in(client.get(page)), "name": "Not too often", **typed})


def test_a_cap_without_a_number_can_be_saved_and_is_none(admin_client):
    add_cap(admin_client)

    cap = FrequencyCap.objects.get()
    assert (cap.limit, cap.period, cap.patience) == (None, timedelta(days=7), timedelta(days=1))
    assert "No cap: it has no number." in admin_client.get(url(FrequencyCap, "changelist")).content.decode()


@pytest.mark.parametrize(
    ("typed", "field"), [({"limit": "0"}, "limit"), ({"period_0": "0"}, "period"), ({"lane": "transactional"}, "lane")]
)
def test_a_cap_that_would_stop_everything_is_refused(admin_client, typed, field):
    response = add_cap(admin_client, **typed)

    assert field in response.context["adminform"].form.errors
    assert not FrequencyCap.objects.exists()


def test_the_page_of_the_house_rules_stands_for_their_list(admin_client):
    first = admin_client.get(url(HouseRules, "changelist"))
    page = url(HouseRules, "add")
    admin_client.post(page, {**filled_in(admin_client.get(page)), "quiet_from": "22:00", "quiet_until": "08:00"})
    then = admin_client.get(url(HouseRules, "changelist"))

    rules = HouseRules.objects.get()
    assert (rules.quiet_from, rules.quiet_until) == (time(22), time(8))
    assert (first.url, then.url) == (page, url(HouseRules, "change", 1))
    assert admin_client.get(page).status_code == 403  # There are some already.


@pytest.mark.parametrize("typed", [{"quiet_from": "22:00"}, {"quiet_from": "22:00", "quiet_until": "22:00"}])
def test_half_a_quiet_time_is_refused(admin_client, typed):
    page = url(HouseRules, "add")
    response = admin_client.post(page, {**filled_in(admin_client.get(page)), **typed})

    assert "Quiet hours need a beginning and another end" in response.content.decode()
    assert not HouseRules.objects.exists()


def test_who_may_not_look_at_house_rules_is_not_told_whether_there_are_any(client):
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(url(HouseRules, "changelist")).status_code == 403
