"""The hooks pump: calls are made until they are taken, or somebody has to look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.replay import replay
from automation.flows.pause import archive, pause
from automation.hooks import call as pump
from automation.hooks.call import MAX_ATTEMPTS, make_due_calls
from automation.hooks.models import HookCall
from automation.models import Contact

Status = HookCall.Status
pytestmark = pytest.mark.django_db


def again(call):
    """As if its pause were over."""
    HookCall.objects.filter(pk=call.pk).update(due_at=timezone.now())
    return make_due_calls()


def test_a_call_that_is_taken_is_made_once_with_the_body_that_was_pinned(service, make_call):
    call = make_call()

    assert [make_due_calls(), make_due_calls()] == [1, 0]

    [(path, headers, body)] = service.calls
    call.refresh_from_db()
    assert (call.status, call.answered, call.attempts, call.failure) == (Status.TAKEN, 204, 1, "")
    assert (path, body, headers["content-type"]) == ("/hook", b'{"type":"flow.tell"}', "application/json")
    assert headers["webhook-id"] == call.webhook_id
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_call_that_is_not_taken_is_made_again_later_under_the_same_id(service, make_call, status):
    call = make_call()
    service.answers = [(status, {}, b"")]

    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.answered, call.failure) == (Status.QUEUED, status, f"HTTP {status}: ")
    assert timedelta(seconds=1) < call.due_at - timezone.now() < timedelta(seconds=5)
    again(call)
    call.refresh_from_db()
    assert (call.status, call.attempts) == (Status.TAKEN, 2)
    assert len({headers["webhook-id"] for _, headers, _ in service.calls}) == 1


def test_pauses_double_and_a_service_may_ask_for_longer_ones(service, make_call):
    call = make_call(attempts=4)
    service.answers = [(503, {}, b""), (503, {"Retry-After": "3600"}, b""), (503, {"Retry-After": "9" * 30}, b"")]

    pauses = []
    for _ in range(3):
        again(call)
        call.refresh_from_db()
        pauses.append(call.due_at - timezone.now())

    assert timedelta(seconds=35) < pauses[0] <= timedelta(seconds=80)
    assert timedelta(minutes=59) < pauses[1] <= timedelta(minutes=60)
    assert timedelta(hours=5) < pauses[2] <= timedelta(hours=6)


@pytest.mark.parametrize(
    ("answer", "why"),
    [((410, {}, b"gone"), "HTTP 410: gone"), ((307, {"Location": "http://169.254.169.254/"}, b""), "It redirects")],
)
def test_what_will_never_be_taken_is_set_aside_at_once(service, make_call, answer, why):
    call = make_call()
    service.answers = [answer]

    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.attempts) == (Status.SET_ASIDE, 1)
    assert call.failure.startswith(why)
    assert len(service.calls) == 1


def test_after_many_tries_it_is_a_dead_letter_that_can_be_replayed(service, make_call):
    call = make_call(attempts=MAX_ATTEMPTS - 1)
    service.answers = [(500, {}, b"oops")]
    make_due_calls()
    call.refresh_from_db()
    assert (call.status, call.failure) == (Status.SET_ASIDE, "HTTP 500: oops")

    replay(HookCall.objects.all(), status=Status.QUEUED, pump="automation.hooks")
    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.attempts) == (Status.TAKEN, 1)


def test_a_service_on_this_machine_is_never_called_outside_of_tests(service, make_call, settings):
    call = make_call()
    settings.HOOKS_TO_LOOPBACK = False

    make_due_calls()

    call.refresh_from_db()
    assert call.status == Status.SET_ASIDE
    assert service.calls == []


def test_a_missing_secret_can_still_be_set(make_call):
    call = make_call(secret_env="HOOK_UNSET")

    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.failure) == (Status.QUEUED, "SecretMissing: The environment has no HOOK_UNSET.")


def test_nobody_there_is_tried_again(make_call):
    call = make_call(url="http://localhost:1/")

    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.answered) == (Status.QUEUED, None)
    assert "ConnectionRefusedError" in call.failure


def test_a_service_that_says_nothing_is_hung_up_on(service, make_call, monkeypatch):
    monkeypatch.setattr("automation.hooks.post.TOTAL_S", 0.3)
    service.is_silent = True
    call = make_call()

    make_due_calls()

    call.refresh_from_db()
    assert (call.status, call.answered) == (Status.QUEUED, None)


def test_calls_of_a_paused_flow_wait_and_those_of_an_archived_one_are_withdrawn(service, make_call):
    paused, archived = make_call(), make_call()
    pause(flow=paused.flow, reason="why", by="ana")
    archive(flow=archived.flow)

    make_due_calls()

    assert [HookCall.objects.get(pk=one.pk).status for one in (paused, archived)] == [Status.QUEUED, Status.WITHDRAWN]
    assert service.calls == []


def test_nobody_is_told_of_people_whose_home_is_elsewhere(service, make_call, settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]
    here, elsewhere = make_call(), make_call()
    Contact.objects.filter(pk=elsewhere.contact_id).update(region="US-CA")

    make_due_calls()

    assert [HookCall.objects.get(pk=one.pk).status for one in (here, elsewhere)] == [Status.TAKEN, Status.WITHDRAWN]
    assert len(service.calls) == 1


def test_a_slow_worker_does_not_overwrite_its_successor(make_call):
    call = make_call()
    [slow] = pump._claim(timezone.now())
    again(call)

    pump._settle([slow], [pump.Result(500, "late")], timezone.now())

    call.refresh_from_db()
    assert (call.status, call.failure) == (Status.TAKEN, "")


def test_a_call_whose_worker_died_is_made_again_after_its_lease(make_call):
    make_call()
    claimed_at = timezone.now()
    pump._claim(claimed_at)

    assert pump._claim(claimed_at + pump.LEASE - timedelta(seconds=1)) == []
    assert len(pump._claim(claimed_at + pump.LEASE)) == 1


def test_statements_do_not_depend_on_how_many_calls_are_made(service, make_call):
    def statements(calls):
        for _ in range(calls):
            make_call()
        with CaptureQueriesContext(connection) as made:
            assert make_due_calls() == calls
        return len(made)

    assert statements(1) == statements(5)
