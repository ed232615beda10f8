"""The event that has ended the latest wait for one is known to all steps that follow, now and later."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.models import Enrollment, HookCall, Message
from automation.privacy.erase import erase
from tests.factories import make_contact, make_event, make_event_type, make_live_flow, make_template, send, wait

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LARGE = {"field": "awaited.payload.total", "op": "gte", "value": 50}
END = {"kind": "exit", "key": "end"}


def wait_event(event_type, **fields):
    return {"kind": "wait_event", "options": {"event": event_type.name}, "wait_for": DAY, "else_key": "end", **fields}


def receipt():
    variable = {"name": "total", "path": "awaited.payload.total", "missing": "refuse", "default": ""}
    return send(make_template(variables=[variable]))


def enter(flow, **payload):
    event = make_event(flow.trigger, make_contact(), payload=payload)
    react_to_due_events()
    return Enrollment.objects.get(event=event)


def happen(event_type, enrollment, **payload):
    event = make_event(event_type, enrollment.contact, payload=payload)
    react_to_due_events()
    return event


def values():
    return list(Message.objects.order_by("pk").values_list("values", flat=True))


@pytest.fixture
def paid(db):
    return make_event_type()


def test_a_mail_names_what_the_awaited_event_says(paid):
    enrollment = enter(make_live_flow(wait_event(paid), receipt(), END), total=1)

    event = happen(paid, enrollment, total=80)

    assert [one["total"] for one in values()] == [80]
    enrollment.refresh_from_db()
    assert enrollment.awaited == event


def test_it_is_still_known_after_another_wait(paid):
    enrollment = enter(make_live_flow(wait_event(paid), wait(days=1), receipt(), END))
    happen(paid, enrollment, total=80)
    Enrollment.objects.update(due_at=timezone.now())

    advance_due_enrollments()

    assert [one["total"] for one in values()] == [80]


def test_the_latest_counts_even_if_several_come_at_once(paid):
    flow = make_live_flow(wait_event(paid), receipt(), wait_event(paid, key="again"), receipt(), END)
    enrollment = enter(flow)
    first, second = (make_event(paid, enrollment.contact, payload={"total": total}) for total in (5, 7))

    react_to_due_events()

    assert [one["total"] for one in values()] == [5, 7]
    enrollment.refresh_from_db()
    assert enrollment.awaited == second != first


def test_a_time_out_leaves_what_an_earlier_wait_has_brought(paid):
    flow = make_live_flow(
        wait_event(paid), wait_event(paid, key="again", else_key="late"), {**receipt(), "key": "late"}, END
    )
    enrollment = enter(flow)
    happen(paid, enrollment, total=5)
    Enrollment.objects.update(due_at=timezone.now(), rests_since=timezone.now() - DAY)

    advance_due_enrollments()

    assert [one["total"] for one in values()] == [5]


def test_what_only_ends_a_wait_for_a_condition_is_not_awaited(paid):
    until = {"kind": "wait_until", "rule": {"did": paid.name, "at_least": 2}, "wait_for": DAY, "else_key": "end"}
    enrollment = enter(make_live_flow(wait_event(paid), until, receipt(), END))
    happen(paid, enrollment, total=5)

    happen(paid, enrollment, total=7)

    assert [one["total"] for one in values()] == [5]


def test_branches_switches_and_services_know_it_too(paid, monkeypatch):
    monkeypatch.setenv("HOOK", "secret")
    hook = {"url": "https://example.com/", "secret_env": "HOOK", "values": {"total": "awaited.payload.total"}}
    flow = make_live_flow(
        wait_event(paid),
        {"kind": "branch", "rule": LARGE, "else_key": "end"},
        {"kind": "switch", "options": {"on": "awaited.payload.plan", "ways": {"pro": "tell"}}, "else_key": "end"},
        {"kind": "hook", "key": "tell", "options": hook},
        END,
    )
    enrollment = enter(flow, total=1, plan="free")

    happen(paid, enrollment, total=50, plan="pro")

    [call] = HookCall.objects.all()
    assert json.loads(call.body)["data"] == {"total": 50}


def test_the_condition_of_a_wait_tells_the_two_events_apart(paid):
    """`event` is the one that has just come, `awaited` the one before."""
    rule = {"all": [LARGE, {"field": "event.payload.total", "op": "lt", "value": 50}]}
    enrollment = enter(make_live_flow(wait_event(paid), wait_event(paid, key="again", rule=rule), receipt(), END))

    for total in (60, 70, 20):
        happen(paid, enrollment, total=total)

    assert [one["total"] for one in values()] == [20]


def test_of_who_was_erased_it_says_nothing(paid):
    enrollment = enter(make_live_flow(wait_event(paid), wait(days=1), receipt(), END))
    happen(paid, enrollment, total=80)

    erase(external_id=enrollment.contact.external_id, by="root")

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.awaited.payload) == ("erased", {})
