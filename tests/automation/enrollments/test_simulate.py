"""Simulating a draft: what it would do for one contact, without doing any of it."""

import re
from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest
from django.apps import apps
from django.db import connection

from automation.enrollments import advance, react
from automation.enrollments.models import Enrollment, StepRun
from automation.enrollments.simulate import MOST_RESTS, simulate
from automation.enrollments.simulation.told import About
from automation.flows.house_rules import HouseRules
from automation.models import Flow, Step
from suppression.address import hash_address
from suppression.models import Suppression
from tests.automation.enrollments.simulated import AT, only, path, told
from tests.factories import (
    make_cap,
    make_event,
    make_event_type,
    make_flow,
    make_live_flow,
    make_template,
    send,
    wait,
)

pytestmark = pytest.mark.django_db


def test_it_tells_each_step_each_mail_and_each_instant(ana):
    template = make_template(subject="Hi {{ plan }}", variables=[{"name": "plan", "path": "contact.attributes.plan"}])
    flow = make_flow(wait(days=3), send(template))

    entered, address, waits, sends, mail, end = told(flow, ana)

    assert (entered.about, entered.said, address.said) == (About.ENTRY, "entered", "allowed")
    assert (waits.step_key, waits.at, waits.until, waits.zone) == (
        "step-0",
        AT,
        AT + timedelta(days=3),
        "Europe/Berlin",
    )
    assert (sends.step_key, sends.at) == ("step-1", AT + timedelta(days=3))
    assert (mail.mail.rendering.subject, mail.mail.to, mail.mail.going) == (
        "Hi free",
        "ana@example.com",
        ((), mail.at, "", None),
    )
    assert (end.about, end.said) == (About.END, "end")


def test_nothing_is_written_and_nobody_is_woken(ana, settings, django_capture_on_commit_callbacks):
    settings.WAKE = True
    make_cap()
    ordered = make_event_type(sample={"total": 3})
    flow = make_live_flow(
        {"kind": "update", "options": {"set": {"plan": "pro"}}},
        send(),
        {"kind": "wait_event", "wait_for": timedelta(days=1), "options": {"event": ordered.name}},
        {"kind": "hook", "options": {"url": "https://hooks.example.com/a", "secret_env": "HOOK_A", "values": {}}},
        {"kind": "split", "options": {"shares": {"step-5": 50, "step-6": 50}}},
        send(),
        send(),
        re_entry="after",
        re_entry_after=timedelta(days=1),
    )
    before, statements = rows(), []

    def watch(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), django_capture_on_commit_callbacks() as callbacks:
        lines = told(flow, ana, happens={"step-2"}, late=timedelta(hours=1))

    assert [one.mail.going.put_off for one in lines if one.mail][1]  # By the cap.
    assert {"update", "send", "wait_event", "hook", "split"} <= {one.said for one in lines}
    assert {"SELECT"} <= {sql.split()[0] for sql in statements} <= {"SELECT", "WITH"}
    assert not [sql for sql in statements if re.search(r"\b(INSERT|UPDATE|DELETE|FOR NO KEY|pg_advisory\w*)\b", sql)]
    assert callbacks == []
    assert rows() == before


def rows():
    return {model.__name__: Counter(map(str, model._default_manager.values_list())) for model in apps.get_models()}


def test_it_tells_what_the_engine_then_does(ana):
    branch = {"kind": "branch", "rule": {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}}
    flow = make_live_flow(
        {"kind": "update", "options": {"set": {"plan": "pro"}}},
        wait(hours=5),
        {**branch, "next_key": "step-4", "else_key": "step-3"},
        send(),
        {"kind": "wait_time", "options": {"clock": "09:00", "weekdays": [0]}},
        send(),
    )
    event = make_event(flow.trigger, ana, occurred_at=AT)
    lines = simulate(flow, contact=ana, event=event, at=AT)

    react.react([event], at=AT)
    annotations = {"plans_are_open": advance.ARE_OPEN, "house_zone": advance.HOUSE_ZONE}
    while due := list(Enrollment.objects.filter(status="active").annotate(**annotations)):
        advance.advance(due, at=due[0].due_at)

    did = list(StepRun.objects.order_by("visit").values_list("step_key", "ran_at", "result"))
    assert [(one.step_key, one.at, one.seen) for one in lines if one.about is About.STEP] == did
    assert path(lines)[-1] == "step-5"


def test_a_wait_is_over_at_the_contacts_own_hour_though_the_clocks_change_meanwhile(ana):
    flow = make_flow({"kind": "wait_time", "options": {"clock": "09:00", "weekdays": [0]}}, send())

    assert only(told(flow, ana), About.MAIL).at == datetime(2026, 3, 30, 7, tzinfo=UTC)
    ana.time_zone = "America/New_York"
    assert only(told(flow, ana), About.MAIL).at == datetime(2026, 3, 30, 13, tzinfo=UTC)


def test_a_rule_that_says_no_is_told_with_what_it_saw_and_may_be_walked_all_the_same(ana):
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow = make_flow(entry_rule=rule)

    [refused] = told(flow, ana, {"total": 20})

    assert (refused.good, refused.said, refused.seen["seen"]) == (False, "rule_false", 20)
    assert path(told(flow, ana, {"total": 20}, even_if_refused=True)) == ["step-0"]


@pytest.mark.parametrize(("happens", "way"), [((), "step-2"), (["step-0"], "step-1")])
def test_a_wait_for_an_event_times_out_unless_the_event_is_to_happen(ana, happens, way):
    ordered = make_event_type(sample={"total": 3})
    waiting = {"kind": "wait_event", "wait_for": timedelta(days=2), "options": {"event": ordered.name}}
    flow = make_flow({**waiting, "next_key": "step-1", "else_key": "step-2"}, {"kind": "exit"}, send())

    lines = told(flow, ana, happens=happens)

    assert path(lines) == ["step-0", "step-0", way]
    _, asked, came, _ = [one for one in lines if one.about in {About.ENTRY, About.STEP}]
    assert asked.until == AT + timedelta(days=2)
    assert (came.seen["happened"], came.at) == ((True, AT) if happens else (False, AT + timedelta(days=2)))


def test_what_happens_at_a_wait_is_what_later_steps_have_awaited(ana):
    ordered = make_event_type(sample={"total": 3})
    waiting = {"kind": "wait_event", "wait_for": timedelta(days=2), "options": {"event": ordered.name}}
    variable = {"name": "total", "path": "awaited.payload.total"}
    mail = send(make_template(subject="{{ total }} euros", variables=[variable]))
    flow = make_flow({**waiting, "else_key": "end"}, wait(days=1), mail, {"kind": "exit", "key": "end"})

    lines = told(flow, ana, {"total": 1}, happens=["step-0"])

    assert only(lines, About.MAIL).mail.rendering.subject == "3 euros"


def test_an_event_whose_sample_the_wait_does_not_heed_is_told_so(ana):
    ordered = make_event_type(sample={"total": 3})
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    waiting = {"kind": "wait_event", "wait_for": timedelta(days=2), "options": {"event": ordered.name}, "rule": rule}

    lines = told(make_flow(waiting), ana, happens=["step-0"])

    assert only(lines, About.UNHEARD).step_key == "step-0"
    assert lines[-1].at == AT + timedelta(days=2)


def test_a_mail_that_lacks_a_value_says_which(ana):
    template = make_template(variables=[{"name": "cart", "path": "event.payload.cart"}])

    mail = only(told(make_flow(send(template)), ana), About.MAIL)

    assert (mail.good, mail.mail.trouble, mail.mail.rendering) == (False, "missing_value: cart", None)


def test_a_mail_at_night_would_wait_for_its_window(ana):
    flow = make_flow(wait(hours=10), send(), send_from=time(9), send_until=time(18))

    mail = only(told(flow, ana), About.MAIL)

    assert mail.at == AT + timedelta(hours=10)
    assert mail.mail.going.goes_at == datetime(2026, 3, 28, 8, tzinfo=UTC)


def test_quiet_hours_of_the_house_are_kept(ana):
    HouseRules.objects.create(quiet_from=time(12), quiet_until=time(15))

    assert only(told(make_flow(), ana), About.MAIL).mail.going.goes_at == datetime(2026, 3, 27, 14, tzinfo=UTC)


def test_whoever_opted_out_is_told_of(ana):
    Suppression.objects.create(
        address_hash=hash_address(ana.email), scope="marketing", reason="unsubscribed", source="page"
    )

    lines = told(make_flow(), ana)

    address, mail = only(lines, About.ADDRESS), only(lines, About.MAIL)
    assert (address.good, address.said) == (False, "unsubscribed")
    assert (mail.good, mail.mail.trouble, mail.mail.rendering.subject) == (False, "unsubscribed", "Hello")


def test_the_draft_counts_and_not_what_is_live(ana):
    flow = make_live_flow(send())
    Step.objects.filter(flow=flow).update(kind="exit")

    assert [one.said for one in told(flow, ana) if one.about is About.STEP] == ["exit"]


def test_a_draft_with_faults_is_walked_as_far_as_it_goes(ana):
    flow = make_flow(send(), {"kind": "wait"}, send())
    Flow.objects.filter(pk=flow.pk).update(topic=None, entry_rule={"op": "?"}, goal_rule={"op": "?"})

    lines = told(flow, ana)

    assert path(lines) == ["step-0"]
    faults = [one for one in lines if one.about is About.FAULT]
    assert [one.step_key for one in faults] == ["", "", "", "step-1"]
    assert "Say how long to wait" in faults[-1].said
    assert lines[-1] == faults[-1]


def test_a_draft_without_steps_ends_at_once(ana):
    flow = make_flow()
    flow.steps.all().delete()

    assert [one.about for one in told(flow, ana)] == [About.FAULT, About.ENTRY, About.ADDRESS, About.END]


def test_a_draft_that_goes_round_without_a_wait_says_so(ana):
    flow = make_flow({"kind": "branch", "rule": {}, "next_key": "step-0"}, send())
    Step.objects.filter(flow=flow, position=0).update(
        rule={"field": "contact.email", "op": "exists", "value": True}, else_key="step-1"
    )

    assert "repeat without end" in only(told(flow, ana), About.FAULT).said


def test_a_goal_that_is_reached_ends_the_walk(ana):
    goal = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
    flow = make_flow({"kind": "update", "options": {"set": {"plan": "pro"}}}, send(), goal_rule=goal)

    lines = told(flow, ana)

    assert [(one.about, one.said) for one in lines[-2:]] == [
        (About.STEP, "goal_reached"),
        (About.END, "goal_reached"),
    ]


def test_an_awaited_event_that_is_the_goal_ends_the_walk_as_in_the_engine(ana):
    paid = make_event_type()
    waiting = {"kind": "wait_event", "wait_for": timedelta(days=2), "options": {"event": paid.name}}
    flow = make_flow(waiting, send(), goal_event=paid)

    assert path(told(flow, ana, happens=["step-0"])) == ["step-0", "step-0"]
    assert told(flow, ana, happens=["step-0"])[-1].said == "goal_reached"
    assert told(flow, ana)[-1].said == "end"


def test_a_loop_without_a_wait_in_a_draft_with_other_faults_ends_the_walk(ana):
    rule = {"field": "contact.email", "op": "exists", "value": True}
    flow = make_flow({"kind": "branch", "rule": rule, "next_key": "step-0"}, {"kind": "wait"})

    lines = told(flow, ana)

    assert (lines[-1].about, lines[-1].said) == (About.FAULT, "From here it would go on without end.")


def test_a_loop_through_a_wait_is_told_of_only_so_long(ana):
    rule = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
    flow = make_flow(wait(days=1), {"kind": "branch", "rule": rule, "next_key": "step-2", "else_key": "step-0"}, send())

    lines = told(flow, ana)

    assert (lines[-1].about, lines[-1].said) == (About.END, "and_so_on")
    assert path(lines).count("step-0") == MOST_RESTS
