"""Who waits is looked at when time alone may have brought the goal or the reason to stop, and else waits on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.enrollments import advance, react
from automation.enrollments.rest import Rest, look
from automation.enrollments.simulate import simulate
from automation.flows.definition import of_version
from automation.flows.models import LatePolicy
from automation.models import Enrollment, Message, StepRun
from tests.automation.enrollments.moving import make_changed_flow, make_waiting, move_everybody, publish_moving
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, send, wait

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
END_IS_NEAR = {"field": "contact.attributes.ends", "op": "within_next", "value": {"days": 5}}


class Clock:
    def __init__(self):
        self.at = BEGIN

    def __call__(self):
        return self.at

    @property
    def days(self):
        return (self.at - BEGIN) / DAY


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def order():
    return make_event_type()


def quiet(order, days):
    return {"did": order.name, "at_most": 0, "within": {"days": days}}


def wait_event(event_type, **fields):
    return {"kind": "wait_event", "options": {"event": event_type.name}, "wait_for": 30 * DAY, **fields}


def tell(event_type, contact, clock):
    event = make_event(event_type, contact, occurred_at=clock.at, due_at=clock.at)
    react.react_to_due_events()
    return event


def enter(flow, contact, clock):
    return Enrollment.objects.get(event=tell(flow.trigger, contact, clock))


def pass_time(clock, until):
    """As far as day `until`, from one thing that is due to the next. Returns the days on which something was."""
    days = []
    while due := Enrollment.objects.filter(status="active", due_at__lte=BEGIN + until * DAY).first():
        clock.at = due.due_at
        days.append(clock.days)
        advance.advance_due_enrollments()
    clock.at = BEGIN + until * DAY
    return days


def ended(enrollment):
    enrollment.refresh_from_db()
    return enrollment.status, enrollment.ended_at and (enrollment.ended_at - BEGIN) / DAY


@pytest.mark.parametrize(("name", "status"), [("goal_rule", "goal_reached"), ("exit_rule", "exited")])
def test_time_alone_ends_a_walk_in_mid_wait(clock, order, name, status):
    contact = make_contact()
    tell(order, contact, clock)
    enrollment = enter(make_live_flow(send(), wait(days=30), send(), **{name: quiet(order, 10)}), contact, clock)

    days = pass_time(clock, 40)

    assert days == [10]
    assert ended(enrollment) == (status, 10)
    assert enrollment.waits_until is None
    assert enrollment.step_runs.last().result["trace"]["result"]
    assert Message.objects.get().reason == status


def test_a_wait_that_does_not_end_goes_on_to_its_own_time(clock, order):
    contact = make_contact(attributes={"ends": (BEGIN + 15 * DAY).isoformat()})
    is_both = {"all": [END_IS_NEAR, {"did": order.name}]}
    enrollment = enter(make_live_flow(wait(days=30), send(), exit_rule=is_both), contact, clock)
    runs = list(StepRun.objects.values_list("step_key", "visit"))

    days = pass_time(clock, 29)

    assert days == [10, 15]  # It comes near, and is over.
    enrollment.refresh_from_db()
    assert (enrollment.goes_on_at, enrollment.waits_until) == (BEGIN + 30 * DAY, None)
    assert list(StepRun.objects.values_list("step_key", "visit")) == runs
    assert pass_time(clock, 31) == [30]
    assert ended(enrollment) == ("completed", 30)
    assert Message.objects.count() == 1


def test_what_happens_meanwhile_puts_the_look_off(clock, order):
    contact = make_contact()
    tell(order, contact, clock)
    enrollment = enter(make_live_flow(wait(days=30), send(), exit_rule=quiet(order, 10)), contact, clock)

    pass_time(clock, 8)
    tell(order, contact, clock)

    assert pass_time(clock, 40) == [10, 18]  # The first order fades, then the second.
    assert ended(enrollment) == ("exited", 18)


def test_what_happens_meanwhile_brings_a_first_look(clock, order):
    contact = make_contact()
    is_quiet_after_all = {"all": [quiet(order, 10), {"did": order.name}]}
    enrollment = enter(make_live_flow(wait(days=30), send(), exit_rule=is_quiet_after_all), contact, clock)
    assert enrollment.waits_until is None

    pass_time(clock, 8)
    tell(order, contact, clock)

    assert pass_time(clock, 40) == [18]
    assert ended(enrollment) == ("exited", 18)


def test_a_change_of_the_contact_moves_the_look(clock):
    contact = make_contact(attributes={"ends": (BEGIN + 25 * DAY).isoformat()})
    enrollment = enter(make_live_flow(wait(days=30), send(), exit_rule=END_IS_NEAR), contact, clock)

    pass_time(clock, 1)
    upsert(external_id=contact.external_id, changes={"attributes": {"ends": (BEGIN + 12 * DAY).isoformat()}})

    assert pass_time(clock, 40) == [7]
    assert ended(enrollment) == ("exited", 7)


def test_what_happens_after_a_look_is_due_does_not_hide_what_it_would_have_seen(clock, order):
    """The pump was down on the tenth day. What comes first then is an event that neither step nor rule heeds."""
    contact = make_contact(attributes={"ends": (BEGIN + 15 * DAY).isoformat()})
    large = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow = make_live_flow(wait_event(order, rule=large), send(), exit_rule=END_IS_NEAR)
    enrollment = enter(flow, contact, clock)

    clock.at = BEGIN + 11 * DAY
    tell(order, contact, clock)

    assert ended(enrollment) == ("exited", 11)


def test_who_waits_for_an_event_hears_it_after_a_look(clock, order):
    contact = make_contact(attributes={"ends": (BEGIN + 15 * DAY).isoformat()})
    far = {"all": [END_IS_NEAR, {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}]}
    enrollment = enter(make_live_flow(wait_event(order), send(), exit_rule=far), contact, clock)

    assert pass_time(clock, 12) == [10]
    tell(order, contact, clock)

    assert ended(enrollment) == ("completed", 12)
    assert Message.objects.count() == 1


def test_a_look_is_not_late_mail(clock, order):
    contact = make_contact()
    tell(order, contact, clock)
    late = {"late_policy": LatePolicy.SKIP, "late_after": timedelta(hours=1)}
    rule = {"all": [quiet(order, 10), {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}]}
    enter(make_live_flow(wait(days=30), send(), exit_rule=rule, **late), contact, clock)

    clock.at = BEGIN + 30 * DAY  # All was down when there was to be a look.
    advance.advance_due_enrollments()

    assert Message.objects.count() == 1


def test_one_who_is_moved_is_looked_at_by_the_goal_of_the_new_version(clock, order):
    flow = make_live_flow(send(key="welcome"), {**wait(days=30), "key": "pause"}, send(key="offer"))
    contact = make_contact()
    tell(order, contact, clock)
    enrollment = make_waiting(flow, contact=contact, due_at=BEGIN + 30 * DAY, entered_at=BEGIN - DAY)
    flow.goal_rule = quiet(order, 10)
    flow.save()
    publish_moving(flow, "offer")
    move_everybody()

    assert pass_time(clock, 40) == [0, 10]
    assert ended(enrollment) == ("goal_reached", 10)


def test_one_who_is_moved_to_a_version_without_a_goal_waits_on(clock):
    flow = make_changed_flow()
    waiting = {"due_at": BEGIN + 10 * DAY, "waits_until": BEGIN + 30 * DAY, "entered_at": BEGIN - DAY}
    enrollment = make_waiting(flow, **waiting)
    publish_moving(flow)
    move_everybody()

    assert pass_time(clock, 40) == [30]
    assert ended(enrollment) == ("completed", 30)


def test_a_simulation_foresees_it(clock, order):
    contact = make_contact()
    tell(order, contact, clock)
    flow = make_live_flow(send(), wait(days=30), send(), exit_rule=quiet(order, 10))
    event = make_event(flow.trigger, contact, occurred_at=BEGIN)

    lines = simulate(flow, contact=contact, event=event, at=BEGIN)

    assert [(one.said, (one.at - BEGIN) / DAY) for one in lines[-2:]] == [("exited", 10)] * 2
    [waits] = [one for one in lines if one.said == "wait"]
    assert waits.until == BEGIN + 30 * DAY


def test_a_simulation_says_once_that_what_happens_at_a_step_goes_unheard(clock, order):
    contact = make_contact(attributes={"ends": (BEGIN + 15 * DAY).isoformat()})
    large = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow = make_live_flow(wait_event(order, rule=large), exit_rule={"all": [END_IS_NEAR, large]})
    event = make_event(flow.trigger, contact, occurred_at=BEGIN)

    lines = simulate(flow, contact=contact, event=event, at=BEGIN, happens={"step-0"})

    assert [one.said for one in lines].count("unheard") == 1


def test_the_number_of_statements_does_not_depend_on_how_many_are_looked_at(clock, order):
    flow = make_live_flow(wait(days=30), send(), exit_rule={"all": [quiet(order, 10), END_IS_NEAR]})

    def look_at(count):
        for _ in range(count):
            contact = make_contact()
            tell(order, contact, clock)
            tell(flow.trigger, contact, clock)
        clock.at += 10 * DAY
        with CaptureQueriesContext(connection) as captured:
            assert advance.advance_due_enrollments() == count
        Enrollment.objects.all().delete()
        return len(captured)

    look_at(1)

    assert look_at(1) == look_at(20)


def test_a_flow_whose_endings_do_not_turn_asks_no_clock(monkeypatch):
    def asked(*_, **__):
        raise AssertionError("A rule without a clock was asked when it turns.")

    flow = make_live_flow(wait(days=30), exit_rule={"field": "contact.language", "op": "eq", "value": "pt"})
    monkeypatch.setattr("automation.core.rules.next_change", asked)

    looked = look(Rest("step-1", 1, None, (), BEGIN + DAY, None), endings_of(flow), {"contact": {}}, BEGIN)

    assert (looked.look_at, looked.due_at) == (None, BEGIN + DAY)


def endings_of(flow):
    return of_version(flow.live_version).endings
