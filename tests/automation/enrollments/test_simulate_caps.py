"""A simulation says which mails frequency caps would hold up, until when, and which they would stop."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.core.lanes import Lane
from automation.enrollments.simulation.told import About
from automation.flows.house_rules import HouseRules
from automation.models import Contact
from suppression.address import hash_address
from tests.automation.enrollments.simulated import AT, only, path, told
from tests.factories import (
    make_cap,
    make_contact,
    make_event_type,
    make_flow,
    make_message,
    make_template,
    make_topic,
    send,
    wait,
)
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CAPPED = "capped: Not too often"


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com", time_zone="UTC")


def sent(contact, at, **fields):
    return make_message(**{"contact": contact, "topic": make_topic(), "status": "sent", "claimed_at": at, **fields})


def goings(lines):
    return [one.mail.going for one in lines if one.about is About.MAIL]


def test_what_the_contact_was_sent_holds_up_a_mail_and_not_the_steps_after_it(ana):
    make_cap()
    sent(ana, AT - 5 * DAY)

    lines = told(make_flow(send(), wait(hours=1), send()), ana)

    first, second = goings(lines)
    assert first.put_off == ((AT + 2 * DAY, CAPPED),)
    assert first.goes_at == AT + 2 * DAY
    assert [one.at for one in lines if one.about is About.MAIL] == [AT, AT + timedelta(hours=1)]
    assert second.put_off == ((AT + 2 * DAY, CAPPED),)
    assert (second.goes_at, second.given_up, second.room_at) == (None, CAPPED, AT + 9 * DAY)


def test_mails_of_the_simulation_itself_count_for_those_after_them(ana):
    make_cap(limit=2)

    lines = told(make_flow(send(), wait(days=1), send(), wait(days=1), send()), ana)

    assert [going.goes_at for going in goings(lines)] == [AT, AT + DAY, AT + 7 * DAY]
    assert path(lines)[-1] == "step-4"


def test_somebody_made_up_has_had_none_but_those_of_the_simulation(ana):
    make_cap()
    sent(ana, AT)

    first, second = goings(told(make_flow(send(), send()), Contact(pk=0, email="b@example.com")))

    assert (first.goes_at, second.goes_at) == (AT, AT + 7 * DAY)


def test_what_would_wait_longer_than_the_cap_lets_it_is_withheld_and_takes_no_room(ana):
    make_cap(patience=DAY)
    flow = make_flow(send(), wait(days=3), send(), wait(days=4), send())

    first, second, third = [one for one in told(flow, ana) if one.about is About.MAIL]

    assert (second.good, second.mail.trouble) == (False, CAPPED)
    assert second.mail.going == ((), None, CAPPED, AT + 7 * DAY)
    assert [first.mail.going.goes_at, third.mail.going.goes_at] == [AT, AT + 7 * DAY]


@pytest.mark.parametrize(
    "cap", [{"limit": None}, {"enabled": False}, {"lane": "bulk"}, {"period": timedelta(minutes=1)}]
)
def test_a_cap_that_does_not_apply_holds_up_nothing(ana, cap):
    make_cap(**cap)
    sent(ana, AT - DAY)

    assert goings(told(make_flow(), ana)) == [((), AT, "", None)]


def test_transactional_mail_neither_counts_nor_is_capped(ana):
    make_cap()
    sent(ana, AT - DAY)

    assert [going.put_off for going in goings(told(make_flow(send(), send(), lane=Lane.TRANSACTIONAL), ana))] == [
        (),
        (),
    ]


def test_a_mail_that_cannot_go_out_takes_no_room(ana):
    make_cap()
    broken = make_template(variables=[{"name": "cart", "path": "event.payload.cart"}])

    lacking, whole = goings(told(make_flow(send(broken), send()), ana))

    assert lacking is None
    assert whole.goes_at == AT


def test_nothing_is_asked_of_caps_for_whom_no_mail_may_reach(ana):
    make_cap()
    make_suppression(address_hash=hash_address(ana.email))

    assert goings(told(make_flow(send(), send()), ana)) == [None, None]


def test_hours_are_asked_first_and_again_when_the_cap_has_room(ana):
    make_cap(period=timedelta(days=2, hours=8))
    sent(ana, datetime(2026, 3, 27, 1, tzinfo=UTC))
    flow = make_flow(wait(hours=9), send(), send_from=time(10), send_until=time(18))  # Asks at 21:00.

    going = only(told(flow, ana), About.MAIL).mail.going

    assert [(later.until, later.reason) for later in going.put_off] == [
        (datetime(2026, 3, 28, 10, tzinfo=UTC), "outside_hours"),
        (datetime(2026, 3, 29, 9, tzinfo=UTC), CAPPED),
        (datetime(2026, 3, 29, 10, tzinfo=UTC), "outside_hours"),
    ]
    assert going.goes_at == datetime(2026, 3, 29, 10, tzinfo=UTC)


def test_a_window_that_never_opens_is_told_of_once(ana):
    HouseRules.objects.create(quiet_from=time(8), quiet_until=time(20))
    flow = make_flow(send_from=time(10), send_until=time(18))

    mail = only(told(flow, ana), About.MAIL)

    assert mail.good
    assert [later.reason for later in mail.mail.going.put_off] == ["never_open"]
    assert mail.mail.going.goes_at is None


def test_a_mail_that_still_waits_when_the_goal_is_reached_is_withheld_after_all(ana):
    make_cap()
    paid = make_event_type()
    waiting = {"kind": "wait_event", "wait_for": 2 * DAY, "options": {"event": paid.name}}
    flow = make_flow(send(), wait(days=1), send(), waiting, send(), goal_event=paid)

    assert only(told(flow, ana, happens=["step-3"]), About.END).seen == {"withheld_after_all": ["step-2"]}
    assert only(told(flow, ana), About.END).seen == {}


def test_a_mail_made_in_the_walk_that_reaches_the_goal_is_withheld_after_all(ana):
    goal = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
    flow = make_flow(send(), {"kind": "update", "options": {"set": {"plan": "pro"}}}, send(), goal_rule=goal)

    assert only(told(flow, ana), About.END).seen == {"withheld_after_all": ["step-0"]}


def test_caps_cost_one_statement_however_many_mails(ana):
    make_cap(enabled=False)
    template = make_template()
    for count in (1, 9):
        flow = make_flow(*[send(template) for _ in range(count)])
        without = _statements(flow, ana)
        cap = make_cap(name="Seldom", limit=3)

        assert _statements(flow, ana) == without + 1
        cap.delete()


def _statements(flow, contact):
    with CaptureQueriesContext(connection) as queries:
        told(flow, contact)
    return len(queries)
