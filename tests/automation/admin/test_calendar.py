"""Hours, caps, rollouts and holdouts on the admin's pages, in words that a marketer reads."""

from datetime import time, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from automation.admin.caps import sentence
from automation.admin.lift_table import sentence as lift_sentence
from automation.core.intervals import Share
from automation.core.lanes import Lane
from automation.enrollments.lift import Group, Lift
from automation.models import Flow, FrequencyCap, HouseRules
from suppression.models import Topic
from tests.automation.admin.pages import filled_in, save, url
from tests.factories import make_enrollment, make_event, make_event_type, make_flow, make_holdout, make_live_flow

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


def lift_shown(client, flow):
    [table] = [t for t in client.get(url(Flow, "change", flow.pk)).context["tables"] if t.title == "Does it help?"]
    return table


def test_a_flow_that_holds_people_out_shows_both_arms_and_admits_that_they_are_few(admin_client):
    bought = make_event_type(name="Bought")
    flow = make_live_flow(holdout_percent=10.0, conversion_event=bought)
    ago = timezone.now() - timedelta(days=30)
    for _ in range(2):
        make_enrollment(flow, entered_at=ago)
    make_event(bought, make_holdout(flow, held_out_at=ago).contact, occurred_at=ago + timedelta(days=1))

    table = lift_shown(admin_client, flow)

    assert table.headers[2] == "“Bought” within 7 days"
    assert table.rows == [
        ["Entered", "2", "0", "0.0 %", "0.0 % and 65.8 %", "0"],
        ["Held out", "1", "1", "100.0 %", "20.7 % and 100.0 %", "0"],
    ]
    assert table.note.startswith("Too few to tell")


def test_before_there_is_anything_to_count_it_says_what_is_missing(admin_client):
    assert lift_shown(admin_client, make_flow(holdout_percent=10.0)).empty.startswith("Choose an event")


@pytest.mark.parametrize(
    ("entered", "held_out", "said"),
    [
        (Share(900, 180), Share(100, 8), "It helps: the difference is between +4.6 and +16.8 percentage points."),
        (Share(900, 72), Share(100, 20), "It does harm: the difference is between -21.0 and -5.1 percentage points."),
        (Share(900, 90), Share(100, 10), "It cannot be told yet whether it helps: the difference is between"),
    ],
)
def test_the_sentence_says_no_more_than_the_numbers_do(entered, held_out, said):
    assert lift_sentence(Lift(Group(entered, 0), Group(held_out, 0))).startswith(said)
