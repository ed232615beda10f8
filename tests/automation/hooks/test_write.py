"""A hook step's wish becomes one call, whose words are pinned."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments.react import react_to_due_events
from automation.hooks.models import HookCall
from automation.hooks.write import Wish, write
from tests.factories import make_enrollment, make_event, make_live_flow

pytestmark = pytest.mark.django_db


def test_a_hook_step_asks_for_a_signed_call_that_tells_what_was_named():
    options = {"url": "https://example.com/", "secret_env": "HOOK", "values": {"plan": "event.payload.plan"}}
    flow = make_live_flow({"kind": "hook", "key": "tell", "options": options})
    event = make_event(flow.trigger, payload={"plan": "pro", "card": "not for others"})

    react_to_due_events()

    call = HookCall.objects.get()
    said = json.loads(call.body)
    assert (call.url, call.secret_env, call.status) == ("https://example.com/", "HOOK", "queued")
    assert (call.contact, call.flow, call.step_key) == (event.contact, flow, "tell")
    assert (said["type"], said["data"]) == ("flow.tell", {"plan": "pro"})


def test_a_wish_is_granted_once():
    enrollment = make_enrollment()
    wish = Wish(enrollment.pk, "tell", 1, enrollment.contact_id, enrollment.flow_id, "https://example.com/", "HOOK", {})

    for _ in range(2):
        write([wish], at=timezone.now())

    assert HookCall.objects.count() == 1


def test_no_wishes_cost_no_statement():
    with CaptureQueriesContext(connection) as captured:
        write([], at=timezone.now())

    assert len(captured) == 0
