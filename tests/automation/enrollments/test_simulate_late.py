"""A simulation says what becomes of a wait that ends late, and shows it if it is asked to."""

from datetime import timedelta

import pytest

from automation.enrollments import advance, react
from automation.enrollments.simulate import simulate
from automation.enrollments.simulation.told import About
from automation.models import Enrollment, StepRun
from tests.automation.enrollments.simulated import AT, only, told
from tests.factories import make_contact, make_event, make_event_type, make_flow, make_live_flow, send, wait

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SKIPS = {"late_policy": "skip", "late_after": 6 * HOUR}


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com")


def mails(lines):
    return [(one.step_key, one.at) for one in lines if one.about is About.MAIL]


@pytest.mark.parametrize(("policy", "limit"), [({}, None), (SKIPS, 6 * HOUR)])
def test_each_wait_tells_what_the_policy_says(ana, policy, limit):
    lines = told(make_flow(wait(days=3), send(), wait(days=1), send(), **policy), ana)

    assert [one.skip_after for one in lines if one.until] == [limit, limit]
    assert [one.skip_after for one in lines if not one.until] == [None] * 7


def test_unless_it_is_said_no_wait_ends_late(ana):
    lines = told(make_flow(wait(days=3), send(), **SKIPS), ana)

    assert mails(lines) == [("step-1", AT + 3 * DAY)]
    assert About.LATE not in {one.about for one in lines}


def test_mails_up_to_the_next_wait_are_passed_over_if_the_first_ends_too_late(ana):
    flow = make_flow(wait(days=3), send(), send(), wait(days=1), send(), **SKIPS)

    lines = told(flow, ana, late=7 * HOUR)

    assert only(lines, About.LATE).at == AT + 3 * DAY + 7 * HOUR
    assert mails(lines) == [("step-4", AT + 4 * DAY + 7 * HOUR)]
    passed_over = [one.step_key for one in lines if one.seen.get("passed_over") == "too late"]
    assert passed_over == ["step-1", "step-2"]


@pytest.mark.parametrize(("policy", "late"), [({}, 90 * DAY), (SKIPS, 6 * HOUR)])
def test_late_mail_goes_out_if_the_policy_is_to_send_or_it_is_no_later_than_allowed(ana, policy, late):
    lines = told(make_flow(wait(days=3), send(), **policy), ana, late=late)

    assert mails(lines) == [("step-1", AT + 3 * DAY + late)]


def test_a_wait_that_an_event_ends_is_not_late(ana):
    ordered = make_event_type()
    waiting = {"kind": "wait_event", "wait_for": DAY, "options": {"event": ordered.name}}
    flow = make_flow(waiting, send(), wait(days=1), send(), **SKIPS)

    lines = told(flow, ana, happens=["step-0"], late=7 * HOUR)

    assert mails(lines) == [("step-1", AT)]
    assert only(lines, About.LATE).at == AT + DAY + 7 * HOUR


def test_it_tells_what_the_engine_then_does(ana):
    flow = make_live_flow(wait(days=3), send(), wait(days=1), send(), **SKIPS)
    event = make_event(flow.trigger, ana, occurred_at=AT)
    lines = simulate(flow, contact=ana, event=event, at=AT, late=DAY)

    react.react([event], at=AT)
    late = DAY
    annotations = {"plans_are_open": advance.ARE_OPEN, "house_zone": advance.HOUSE_ZONE}
    while due := list(Enrollment.objects.filter(status="active").annotate(**annotations)):
        advance.advance(due, at=due[0].due_at + late)
        late = timedelta()

    did = list(StepRun.objects.order_by("visit").values_list("step_key", "ran_at", "result"))
    assert [(one.step_key, one.at, one.seen) for one in lines if one.about is About.STEP] == did
    assert [key for key, _ in mails(lines)] == ["step-3"]
