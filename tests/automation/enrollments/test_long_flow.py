"""A flow of thirty steps, of every kind there is, walked to its end on a clock that stands still until it is moved."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from automation.contacts.upsert import upsert
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.flows.steps import KINDS
from automation.hooks.models import HookCall
from automation.models import Contact, Enrollment, Message, StepRun
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, make_template

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)  # A Friday; on Sunday the clocks in Lisbon go forward.
HOOK = {"url": "https://example.com/paid", "secret_env": "HOOK_CRM", "values": {"orders": "contact.attributes.orders"}}


class Clock:
    def __init__(self):
        self.at = BEGIN

    def __call__(self):
        return self.at


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def attribute(name, op, value):
    return {"field": f"contact.attributes.{name}", "op": op, "value": value}


def steps(paid):
    template, pro = make_template(), attribute("plan", "eq", "pro")
    large = {"field": "event.payload.total", "op": "gte", "value": 50}
    by_plan = {"on": "contact.attributes.plan", "ways": {"trial": "any"}}
    three_days_before = {"date": "contact.attributes.ends", "days": -3, "clock": "09:00"}
    two_days, five_days = timedelta(days=2), timedelta(days=5)

    def step(key, kind, then="", otherwise="", **fields):
        return {"key": key, "kind": kind, "next_key": then, "else_key": otherwise, **fields}

    def mail(key, then=""):
        return step(key, "send", then, template=template)

    return [
        mail("hello"),
        step("a-day", "wait", wait_for=timedelta(days=1)),
        step("monday", "wait_time", options={"clock": "09:00", "weekdays": [0]}),
        mail("week"),
        step("trial", "update", options={"set": {"plan": "trial"}, "add": {"orders": 1}}),
        step("by-plan", "switch", otherwise="lost", options=by_plan),
        step("lost", "exit"),
        step("any", "branch", otherwise="lost", rule=attribute("orders", "gte", 1)),
        step("before", "wait_date", otherwise="lost", options=three_days_before),
        mail("remind"),
        step("paid", "wait_event", "thanks", "lost", rule=large, wait_for=two_days, options={"event": paid.name}),
        mail("thanks"),
        step("tell", "hook", options=HOOK),
        step("pro", "wait_until", "lost", rule=pro, wait_for=five_days),
        mail("nudge"),
        step("pro-yet", "wait_until", "cheer", "lost", rule=pro, wait_for=five_days),
        mail("cheer"),
        step("lot", "split", options={"shares": {"left": 1, "right": 1}}),
        mail("left", "join"),
        mail("right"),
        step("join", "wait", wait_for=timedelta(hours=1)),
        step("more", "wait_event", "lost", wait_for=timedelta(days=1), options={"event": paid.name}),
        mail("quiet"),
        step("two-hours", "wait", wait_for=timedelta(hours=2)),
        step("back", "update", options={"remove": ["plan"]}),
        step("still", "branch", "lost", rule=pro),
        mail("bye"),
        step("last", "wait", wait_for=timedelta(days=1)),
        mail("really"),
        step("done", "exit"),
    ]  # fmt: skip


def walk_on(clock, until):
    """Let time pass, as far as `until`, from one thing that is due to the next."""
    while due := Enrollment.objects.filter(status="active", due_at__lte=until).values_list("due_at", flat=True).first():
        clock.at = due
        advance_due_enrollments()
    clock.at = until


def test_every_kind_of_step_does_its_part_at_its_time(clock):
    paid = make_event_type()
    contact = make_contact(time_zone="Europe/Lisbon", attributes={"ends": "2026-04-20"})
    flow = make_live_flow(*steps(paid))
    assert len(flow.live_version.definition["steps"]) == 30
    assert {step["kind"] for step in flow.live_version.definition["steps"].values()} == set(KINDS)

    make_event(flow.trigger, contact, occurred_at=clock.at, due_at=clock.at)
    react_to_due_events()
    walk_on(clock, datetime(2026, 4, 18, 12, 0, tzinfo=UTC))
    for total in (49, 50):
        make_event(paid, contact, payload={"total": total}, occurred_at=clock.at, due_at=clock.at)
        react_to_due_events()
    walk_on(clock, datetime(2026, 4, 25, 7, 0, tzinfo=UTC))
    attributes = Contact.objects.get(pk=contact.pk).attributes
    upsert(external_id=contact.external_id, changes={"attributes": {**attributes, "plan": "pro"}})
    walk_on(clock, datetime(2026, 5, 1, 0, 0, tzinfo=UTC))

    told = list(StepRun.objects.order_by("visit").values_list("step_key", "ran_at"))
    drawn = {key for key, _ in told} & {"left", "right"}
    [way] = drawn
    assert [(key, f"{at:%d.%m. %H:%M}") for key, at in told] == [
        *[(key, "27.03. 10:00") for key in ("hello", "a-day")],
        ("monday", "28.03. 10:00"),
        *[(key, "30.03. 08:00") for key in ("monday", "week", "trial", "by-plan", "any", "before")],
        *[(key, "17.04. 08:00") for key in ("before", "remind", "paid")],
        *[(key, "18.04. 12:00") for key in ("paid", "thanks", "tell", "pro")],
        *[(key, "23.04. 12:00") for key in ("pro", "nudge", "pro-yet")],
        *[(key, "25.04. 07:00") for key in ("pro-yet", "cheer", "lot", way, "join")],
        ("more", "25.04. 08:00"),
        *[(key, "26.04. 08:00") for key in ("more", "quiet", "two-hours")],
        *[(key, "26.04. 10:00") for key in ("back", "still", "bye", "last")],
        *[(key, "27.04. 10:00") for key in ("really", "done")],
    ]
    mails = Message.objects.order_by("created_at", "pk").values_list("step_key", flat=True)
    assert list(mails) == ["hello", "week", "remind", "thanks", "nudge", "cheer", way, "quiet", "bye", "really"]
    assert json.loads(HookCall.objects.get().body)["data"] == {"orders": 1}
    assert Contact.objects.get(pk=contact.pk).attributes == {"ends": "2026-04-20", "orders": 1}
    assert Enrollment.objects.get().status == Enrollment.Status.COMPLETED
