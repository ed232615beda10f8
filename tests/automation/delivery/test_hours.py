"""When a message may go out: composed into its hours, and asked again by each claim."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from time_machine import travel

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.compose import compose
from automation.delivery.foresee import Fate, foresee
from automation.delivery.hours import NEVER_OPEN, OUTSIDE_HOURS, hours_of
from automation.flows.models import Flow, QuietHours
from automation.models import HouseRules, Message
from tests.automation.delivery.test_compose import wish_for
from tests.factories import (
    make_account,
    make_contact,
    make_live_flow,
    make_message,
    make_plan,
    make_sender,
    make_template,
)

# A Friday: 20:00 in Lisbon, 00:30 on Saturday in Kolkata, 15:00 in New York.
FRIDAY = datetime(2026, 6, 5, 19, 0, tzinfo=UTC)
NIGHT = {"from": "22:00:00", "until": "08:00:00", "zone": ""}
OFFICE = {"opens": "09:00", "closes": "17:00", "weekdays": [0, 1, 2, 3, 4]}


def ask(send_when=None, house=None, lane=Lane.TRIGGERED, zone="Europe/Lisbon", at=FRIDAY):
    hours = hours_of(send_when and json.dumps(send_when), house and json.dumps(house), lane)
    later = hours and hours.ask(zone, at)
    return later and (later.until, later.reason)


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ({}, None),
        ({"send_when": OFFICE}, datetime(2026, 6, 8, 8, 0, tzinfo=UTC)),  # Monday in Lisbon …
        ({"send_when": OFFICE, "zone": "America/New_York"}, None),  # … and still Friday afternoon here.
        ({"send_when": OFFICE, "zone": "Asia/Kolkata"}, datetime(2026, 6, 8, 3, 30, tzinfo=UTC)),
        ({"house": NIGHT}, None),
        ({"house": NIGHT, "zone": "Asia/Kolkata"}, datetime(2026, 6, 6, 2, 30, tzinfo=UTC)),
        ({"house": NIGHT, "zone": "Asia/Kolkata", "lane": Lane.TRANSACTIONAL}, None),
        (
            {"house": NIGHT, "zone": "Asia/Kolkata", "lane": Lane.TRANSACTIONAL, "send_when": {"quiet": "keep"}},
            datetime(2026, 6, 6, 2, 30, tzinfo=UTC),
        ),
        ({"house": NIGHT, "zone": "Asia/Kolkata", "send_when": {"quiet": "ignore"}}, None),
        ({"house": {"from": None, "until": None, "zone": "Asia/Kolkata"}}, None),
    ],
)
def test_windows_and_quiet_hours_go_by_the_contacts_clock(asked, until):
    assert ask(**asked) == (until and (until, OUTSIDE_HOURS))


@pytest.mark.parametrize(
    ("zone", "flow_zone", "house_zone", "counts"),
    [
        ("America/New_York", "Asia/Kolkata", "Asia/Kolkata", "America/New_York"),
        ("", "America/New_York", "Asia/Kolkata", "America/New_York"),
        ("Mars/Olympus", "", "America/New_York", "America/New_York"),
        ("", "", "", "UTC"),
    ],
)
def test_without_the_contacts_zone_the_flows_counts_then_the_houses_then_utc(zone, flow_zone, house_zone, counts):
    fallen_back = ask({**OFFICE, "zone": flow_zone}, {"from": None, "until": None, "zone": house_zone}, zone=zone)

    assert fallen_back == ask(OFFICE, zone=counts)


def test_a_window_within_quiet_hours_waits_and_says_so():
    assert ask({"opens": "23:00", "closes": "23:30", "weekdays": []}, NIGHT) == (
        FRIDAY + timedelta(hours=1),
        NEVER_OPEN,
    )


@pytest.fixture
def at_night():
    """Kolkata sleeps: quiet hours until 02:30 UTC."""
    HouseRules.objects.create(quiet_from=time(22), quiet_until=time(8))
    with travel(FRIDAY, tick=False):
        yield datetime(2026, 6, 6, 2, 30, tzinfo=UTC)


def message_to(contact, flow=None, **fields):
    flow = flow or make_live_flow()
    return make_message(
        contact=contact, topic=flow.topic, lane=flow.lane, flow_version=flow.live_version, due_at=FRIDAY, **fields
    )


def claimed(message):
    taken = claim(account=message.account, lane=Lane(message.lane), limit=10, epoch=7).claimed
    message.refresh_from_db()
    return [one.claim.message_id for one in taken]


@pytest.mark.django_db
def test_a_message_composed_at_night_is_due_in_the_morning_and_wakes_nobody(at_night, monkeypatch):
    woken = []
    monkeypatch.setattr("automation.delivery.compose.wake", woken.append)

    compose([wish_for(contact=make_contact(time_zone="Asia/Kolkata"))], at=FRIDAY)

    message = Message.objects.get()
    assert (message.status, message.due_at, message.reason) == ("queued", at_night, OUTSIDE_HOURS)
    assert woken == []


@pytest.mark.django_db
def test_what_a_warm_up_holds_is_asked_when_it_is_claimed(at_night):
    account = make_account()
    make_plan(account=account)
    flow = make_live_flow(sender=make_sender(account))

    compose([wish_for(flow=flow, contact=make_contact(time_zone="Asia/Kolkata"))], at=FRIDAY)

    assert Message.objects.get().status == "held"


@pytest.mark.django_db
def test_a_claim_asks_again_and_puts_off_to_the_opening(at_night):
    """It was due, but its contact has moved to where it is night, or the queue was long."""
    message = message_to(make_contact(time_zone="Asia/Kolkata"))

    assert claimed(message) == []
    assert (message.status, message.due_at, message.reason) == ("queued", at_night, OUTSIDE_HOURS)
    assert claim(account=message.account, lane=Lane.TRIGGERED, limit=10, epoch=7).due == 0  # Not looked at till then.

    with travel(at_night, tick=False):
        assert claimed(message) == [message.pk]


@pytest.mark.django_db
def test_the_contacts_zone_counts_as_it_is_now(at_night):
    contact = make_contact(time_zone="Europe/Lisbon")
    message = message_to(contact)
    contact.time_zone = "Asia/Kolkata"
    contact.save()

    assert claimed(message) == []


@pytest.mark.django_db
def test_whose_contact_was_erased_is_sent_by_the_flows_clock(at_night):
    flow = make_live_flow(time_zone="Asia/Kolkata", send_from=time(9), send_until=time(17))
    message = message_to(None, flow)

    assert claimed(message) == []
    assert message.due_at == datetime(2026, 6, 6, 3, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_transactional_mail_goes_at_night_unless_its_flow_keeps_quiet(at_night):
    contact = make_contact(time_zone="Asia/Kolkata")
    receipt, statement = (
        message_to(contact, make_live_flow(lane=Lane.TRANSACTIONAL, quiet_hours=quiet))
        for quiet in (QuietHours.AUTO, QuietHours.KEEP)
    )

    assert claimed(receipt) == [receipt.pk]
    assert claimed(statement) == []


@pytest.mark.django_db
def test_what_is_only_repeated_under_its_key_is_repeated_at_night(at_night):
    message = message_to(
        make_contact(time_zone="Asia/Kolkata"), account=make_account(provider="resend"), uncertain_at=FRIDAY, attempts=1
    )

    assert claimed(message) == [message.pk]


@pytest.mark.django_db
def test_a_paused_flow_is_the_first_reason(at_night):
    message = message_to(make_contact(time_zone="Asia/Kolkata"))
    Flow.objects.update(status=Flow.Status.PAUSED)

    claimed(message)

    assert message.reason == "flow_paused"


@pytest.mark.django_db
def test_a_dead_letter_would_wait_for_its_hours(at_night):
    message_to(make_contact(time_zone="Asia/Kolkata"), status="failed")

    [prospect] = foresee(Message.objects.all()).prospects

    assert (prospect.fate, prospect.why) == (Fate.WAITS, OUTSIDE_HOURS)


@pytest.mark.django_db
def test_a_claim_of_any_size_costs_the_same_with_hours(at_night, django_assert_num_queries):
    account, flow, contact = make_account(), make_live_flow(), make_contact(time_zone="Asia/Kolkata")
    for count in (1, 20):
        messages = [message_to(contact, flow, account=account) for _ in range(count)]

        with django_assert_num_queries(4):  # Due, put off; savepoint and release. Nobody is left to ask policy about.
            assert claim(account=account, lane=Lane.TRIGGERED, limit=50, epoch=7).due == len(messages)


@pytest.mark.django_db
def test_composing_into_hours_costs_no_statement(at_night, django_assert_num_queries):
    flow, template = make_live_flow(send_from=time(9), send_until=time(17)), make_template()
    compose([wish_for(template, flow)], at=FRIDAY)  # Reads the template, once in a process.
    wishes = [wish_for(template, flow) for _ in range(3)]

    with django_assert_num_queries(2):
        compose(wishes, at=FRIDAY)
