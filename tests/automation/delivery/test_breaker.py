"""The circuit breaker: when it opens, for how long, and that one message tries whether it may close."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core import wake as wake_module
from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.delivery import breaker as breaker_module
from automation.delivery.breaker import CALLS, MIN_CALLS, WITHIN, Breaker
from automation.delivery.claim import Claimed
from automation.delivery.marks import Claim
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.resume import resume_account
from automation.delivery.send import Result
from automation.delivery.trip import FIRST, LONGEST, PROBE
from automation.models import EspAccount
from tests.factories import make_account, make_message

pytestmark = pytest.mark.django_db

FINE = SendResult(Outcome.ACCEPTED)
LOST = SendResult(Outcome.UNKNOWN, detail="ReadTimeout")
AWAY = SendResult(Outcome.NEVER_LEFT, detail="NeverConnected")
SPOKEN = [
    FINE,
    SendResult(Outcome.REJECTED, status_code=422),
    SendResult(Outcome.THROTTLED, status_code=429),
    SendResult(Outcome.ACCOUNT, status_code=401),
]
UNASKED = SendResult(Outcome.REJECTED, detail="RenderFailed: …")


@pytest.fixture(autouse=True)
def no_memory():
    breaker_module._calls.clear()


@pytest.fixture
def account():
    return make_account(key="esp")


def call(*results, ago=timedelta(0)):
    """What one call came to: a result for each of its messages."""
    ended_at = timezone.now() - ago
    claimed = Claimed(Claim(new_id(), 1, None), envelope=None, attempt=1, uncertain_at=None)
    return [Result(claimed, result, ended_at, ended_at) for result in results]


def see(account, *results, ago=timedelta(0)):
    """The breaker after these calls, of one message each."""
    breaker = Breaker(EspAccount.objects.get(pk=account.pk))
    for result in results:
        breaker.see(call(result, ago=ago))
    breaker.act()
    account.refresh_from_db()
    return breaker


def trip(account, trips=1):
    """As it is in the database when it is open."""
    account.trips, account.open_until, account.trip_reason = trips, timezone.now() + FIRST, "It was so."
    account.save()


def wait_until_half_open(account):
    EspAccount.objects.filter(pk=account.pk).update(open_until=timezone.now() - timedelta(milliseconds=1))


def probe(account):
    """A breaker that has the probe, as one message has been claimed for it."""
    breaker = Breaker(EspAccount.objects.get(pk=account.pk))
    assert breaker.allow(100) == 1
    breaker.claimed(1)
    return breaker


def open_for(account):
    account.refresh_from_db()
    return account.open_until - timezone.now()


# Opening


@pytest.mark.parametrize("failed", [LOST, AWAY])
def test_it_opens_once_enough_calls_have_failed(account, failed):
    assert not see(account, *[failed] * (MIN_CALLS - 1)).has_tripped
    assert account.trips == 0

    assert see(account, failed).has_tripped
    assert account.trips == 1
    assert FIRST * 0.7 < open_for(account) <= FIRST
    assert account.trip_reason == (f"10 of the last 10 calls failed, the last with {failed.outcome}: {failed.detail}")


@pytest.mark.parametrize("result", SPOKEN)
def test_an_esp_that_refuses_or_throttles_works(account, result):
    assert not see(account, *[result] * CALLS).has_tripped


def test_a_call_that_we_had_no_time_to_make_says_nothing_of_the_esp(account):
    assert not see(account, *[replace(AWAY, untried=True)] * CALLS).has_tripped


def test_half_of_the_calls_are_enough_and_less_are_not(account):
    assert not see(account, *[FINE, FINE, LOST] * 10).has_tripped
    assert see(account, *[FINE, LOST] * 10).has_tripped


def test_a_call_that_works_never_opens_it(account):
    see(account, *[LOST] * (MIN_CALLS - 1))

    assert not see(account, FINE).has_tripped


def test_what_was_never_handed_to_the_esp_says_nothing(account):
    assert not see(account, *[LOST] * (MIN_CALLS - 1), *[UNASKED] * CALLS).has_tripped
    assert see(account, LOST).has_tripped


def test_a_call_that_carries_many_counts_once(account):
    breaker = Breaker(account)

    breaker.see(call(*[LOST] * 100))
    assert not breaker.has_tripped

    for _ in range(MIN_CALLS - 1):
        breaker.see(call(*[LOST] * 100))
    assert breaker.has_tripped


def test_a_call_that_was_answered_in_part_works(account):
    breaker = Breaker(account)

    for _ in range(CALLS):
        breaker.see(call(FINE, LOST, LOST))

    assert not breaker.has_tripped


def test_calls_of_long_ago_do_not_count(account):
    see(account, *[LOST] * (MIN_CALLS - 1), ago=WITHIN + timedelta(seconds=1))

    assert not see(account, LOST).has_tripped


def test_calls_that_time_out_one_after_another_do():
    """A single thread brings one time-out in 35 s."""
    assert timedelta(seconds=35) * (MIN_CALLS - 1) <= WITHIN


def test_accounts_do_not_answer_for_each_other(account):
    see(account, *[LOST] * (MIN_CALLS - 1))

    assert not see(make_account(), LOST).has_tripped


def test_if_somebody_else_was_first_it_is_not_opened_again(account):
    late = Breaker(EspAccount.objects.get(pk=account.pk))
    see(account, *[LOST] * MIN_CALLS)
    opened = account.open_until

    for _ in range(MIN_CALLS):
        late.see(call(LOST))
    late.act()

    account.refresh_from_db()
    assert (account.trips, account.open_until) == (1, opened)


def test_a_process_that_comes_late_does_not_open_what_was_closed_since(account):
    late = Breaker(EspAccount.objects.get(pk=account.pk))
    for _ in range(MIN_CALLS):
        late.see(call(LOST))
    trip(account)
    resume_account(account)

    late.act()

    account.refresh_from_db()
    assert account.trips == 0


# Open and half-open


def test_an_open_account_is_not_offered_and_a_half_open_one_is(account):
    make_message(account=account)
    trip(account)
    assert list(EspAccount.objects.with_due(Lane.TRANSACTIONAL)) == []

    wait_until_half_open(account)

    assert list(EspAccount.objects.with_due(Lane.TRANSACTIONAL)) == [account]


def test_half_open_it_lets_one_message_pass(account):
    trip(account)
    wait_until_half_open(account)

    first, second = (Breaker(EspAccount.objects.get(pk=account.pk)) for _ in range(2))

    assert [first.allow(100), first.allow(100), second.allow(100)] == [1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_of_any_number_of_workers_one_gets_the_probe(account, together):
    trip(account)
    wait_until_half_open(account)
    allowed = []

    together(*[lambda: allowed.append(Breaker(EspAccount.objects.get(pk=account.pk)).allow(100))] * 8)

    assert sorted(allowed) == [0] * 7 + [1]


@pytest.mark.parametrize("result", SPOKEN)
def test_a_probe_that_is_answered_closes_it(account, result):
    trip(account, trips=3)
    wait_until_half_open(account)
    breaker = probe(account)

    breaker.see(call(result))
    breaker.act()

    account.refresh_from_db()
    assert (account.trips, account.trip_reason, account.open_until <= timezone.now()) == (0, "", True)
    assert (breaker.has_tripped, breaker.allow(100)) == (False, 100)


@pytest.mark.parametrize("result", [LOST, AWAY])
def test_a_probe_that_fails_opens_it_for_twice_as_long(account, result):
    trip(account)
    wait_until_half_open(account)
    breaker = probe(account)

    breaker.see(call(result))
    breaker.act()

    assert FIRST * 2 * 0.7 < open_for(account) <= FIRST * 2
    assert account.trips == 2
    assert account.trip_reason == f"The probe failed: {result.outcome}: {result.detail}"
    assert breaker.has_tripped


def test_it_is_never_open_for_longer_than_ten_minutes(account):
    trip(account, trips=900)
    wait_until_half_open(account)
    breaker = probe(account)

    breaker.see(call(LOST))
    breaker.act()

    assert LONGEST * 0.7 < open_for(account) <= LONGEST


def test_a_probe_that_found_nothing_to_send_is_given_back(account):
    trip(account)
    wait_until_half_open(account)
    breaker = Breaker(EspAccount.objects.get(pk=account.pk))
    breaker.allow(100)

    breaker.claimed(0)

    assert probe(account)


def test_a_probe_whose_mail_could_not_be_built_is_given_back(account):
    trip(account)
    wait_until_half_open(account)
    breaker = probe(account)

    breaker.see(call(UNASKED))
    breaker.act()

    account.refresh_from_db()
    assert account.trips == 1
    assert probe(account)


def test_a_worker_that_dies_with_the_probe_holds_it_for_a_while(account):
    trip(account)
    wait_until_half_open(account)
    probe(account)

    assert timedelta(seconds=35) < open_for(account) <= PROBE

    wait_until_half_open(account)
    assert probe(account)


def test_a_probe_that_comes_back_too_late_decides_nothing(account):
    trip(account)
    wait_until_half_open(account)
    late = probe(account)
    wait_until_half_open(account)
    probe(account)

    late.see(call(FINE))
    late.act()

    account.refresh_from_db()
    assert account.trips == 1


def test_a_paused_account_has_no_probe(account):
    trip(account)
    wait_until_half_open(account)
    breaker = Breaker(EspAccount.objects.get(pk=account.pk))
    EspAccount.objects.update(status="paused")

    assert breaker.allow(100) == 0


# Closed again


def test_what_failed_before_it_was_closed_does_not_count_any_more(account):
    see(account, *[LOST] * (MIN_CALLS - 1), ago=timedelta(seconds=1))
    trip(account)  # By another process.

    resume_account(account)

    assert not see(account, LOST).has_tripped


def test_an_operator_closes_it(account):
    trip(account, trips=4)

    assert resume_account(account)

    account.refresh_from_db()
    assert (account.status, account.trips, account.trip_reason) == ("active", 0, "")
    assert account.open_until <= timezone.now()
    assert not resume_account(account)


def test_opening_calls_for_failover_and_closing_calls_the_lanes(
    account, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.WAKE = True
    called = []
    monkeypatch.setattr(wake_module._caller, "call_soon", called.append)

    with django_capture_on_commit_callbacks(execute=True):
        see(account, *[LOST] * MIN_CALLS)
    assert called == ["automation.reap"]

    called.clear()
    wait_until_half_open(account)
    breaker = probe(account)
    breaker.see(call(FINE))
    with django_capture_on_commit_callbacks(execute=True):
        breaker.act()
    assert called == [lane.pump for lane in Lane]


def test_calls_that_tell_nothing_new_cost_no_statement(account, django_assert_num_queries):
    breaker = Breaker(account)

    with django_assert_num_queries(0):
        assert breaker.allow(100) == 100
        breaker.claimed(100)
        breaker.see(call(FINE))
        breaker.act()
