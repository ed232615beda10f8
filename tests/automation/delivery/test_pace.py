"""Pace: tokens from a bucket in a real Redis, and what is left without it."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import pace
from automation.delivery.models import EspAccount

FOREVER = 0.000_1  # A rate at which nothing flows in while a test runs.


@pytest.fixture
def account_with():
    """Makes an account whose bucket nobody has seen."""
    made = []

    def make(rate=FOREVER, burst=100):
        made.append(EspAccount(pk=random.randrange(2**62, 2**63), key="esp", rate_limit=rate, burst=burst))
        return made[-1]

    yield make
    for account in made:
        client().delete(pace._key(account))


def take(account, wanted, lane=Lane.TRANSACTIONAL):
    return pace.take(account, lane, wanted)


def close_for(account, seconds):
    pace.close(account, timezone.now() + timedelta(seconds=seconds))


def test_at_full_speed_from_many_threads_no_more_is_granted_than_the_rate_and_the_burst(account_with):
    account, window_s = account_with(rate=500, burst=50), 2.0
    began = time.monotonic()

    def take_for_a_while(_):
        granted = 0
        while time.monotonic() - began < window_s:
            granted += take(account, random.randrange(1, 20)).tokens
        return granted

    with ThreadPoolExecutor(4) as threads:
        granted = sum(threads.map(take_for_a_while, range(4)))
    elapsed = time.monotonic() - began

    assert 0.5 * (500 * window_s) <= granted <= 500 * elapsed + 50


def test_a_bucket_that_nobody_has_seen_is_full(account_with):
    account = account_with(burst=7)

    assert [take(account, 5).tokens, take(account, 5).tokens, take(account, 5).tokens] == [5, 2, 0]


def test_it_never_holds_more_than_the_burst(account_with):
    account = account_with(rate=100_000, burst=10)
    take(account, 1)
    time.sleep(0.01)

    assert take(account, 1_000).tokens == 10


def test_what_lower_lanes_leave_is_there_for_higher_ones(account_with):
    account = account_with(burst=100)

    granted = [take(account, 1_000, lane).tokens for lane in (Lane.BULK, Lane.TRIGGERED, Lane.TRANSACTIONAL)]

    assert granted == [75, 15, 10]


@pytest.mark.parametrize("burst", [1, 2, 3])
@pytest.mark.parametrize("lane", Lane)
def test_also_from_a_small_bucket_every_lane_gets_something(account_with, lane, burst):
    assert take(account_with(burst=burst), 10, lane).tokens >= 1


@pytest.mark.parametrize("lane", Lane)
def test_after_the_time_told_there_is_one_and_before_it_none(account_with, lane):
    account = account_with(rate=4, burst=10)
    take(account, 10, lane)

    wait = take(account, 1, lane).next_in_s
    time.sleep(wait / 2)
    early = take(account, 1, lane)
    time.sleep(early.next_in_s)

    assert 0 < wait <= 0.25 / pace.STEADY + 0.001
    assert early.tokens == 0
    assert take(account, 1, lane).tokens == 1


def test_while_there_are_more_there_is_no_wait(account_with):
    assert take(account_with(burst=10), 5) == (5, 0.0)


def test_tokens_that_were_given_back_are_granted_again(account_with):
    account = account_with(burst=10)
    take(account, 10)

    pace.give_back(account, 4)

    assert take(account, 10).tokens == 4


def test_giving_back_does_not_overfill(account_with):
    account = account_with(burst=10)
    take(account, 1)

    pace.give_back(account, 1_000)

    assert take(account, 1_000).tokens == 10


@pytest.mark.parametrize("unused", [0, -3])
def test_giving_nothing_back_changes_nothing(account_with, unused):
    account = account_with(burst=10)
    take(account, 10)

    pace.give_back(account, unused)

    assert take(account, 10).tokens == 0


def test_a_closed_bucket_grants_nothing_until_it_opens_and_then_no_burst(account_with):
    account = account_with(rate=20, burst=100)
    close_for(account, 1.0)

    closed = take(account, 10)
    time.sleep(0.5)
    still_closed = take(account, 10)
    time.sleep(still_closed.next_in_s)

    assert closed.tokens == still_closed.tokens == 0
    assert 0.5 < closed.next_in_s < 1.06
    assert 1 <= take(account, 100).tokens <= 20


def test_that_it_was_idle_before_makes_no_difference(account_with):
    account = account_with(rate=1_000, burst=1_000)
    take(account, 1_000)
    time.sleep(0.3)

    close_for(account, 0.05)
    time.sleep(0.06)

    assert take(account, 1_000).tokens < 300


def test_closing_never_shortens_a_pause(account_with):
    account = account_with()
    close_for(account, 60)

    close_for(account, 1)
    close_for(account, -60)

    assert take(account, 1).next_in_s > 59


def test_a_pause_in_the_past_is_none(account_with):
    account = account_with(rate=1_000)
    take(account, 1)

    close_for(account, -60)
    time.sleep(0.01)

    assert take(account, 1).tokens == 1


def test_a_new_rate_and_burst_hold_at_once(account_with):
    account = account_with(burst=100)
    take(account, 1)

    account.burst, account.rate_limit = 5, 1_000
    assert take(account, 100).tokens == 5
    time.sleep(0.02)
    assert take(account, 100).tokens == 5


def test_accounts_have_buckets_of_their_own(account_with):
    first, second = account_with(burst=5), account_with(burst=5)
    take(first, 5)

    assert take(second, 5).tokens == 5


# --- Redis away -------------------------------------------------------------------------------------------------------


def test_without_redis_it_is_slow_and_not_open(account_with, redis_away):
    account = account_with(rate=1_000, burst=1_000)
    began = time.monotonic()

    granted = 0
    while time.monotonic() - began < 0.5:
        granted += take(account, 1_000).tokens
    elapsed = time.monotonic() - began

    assert 1 <= granted <= 1 + elapsed * 1_000 * pace.ALONE


def test_without_redis_too_the_time_told_is_right(account_with, redis_away):
    account = account_with(rate=100, burst=1)
    take(account, 1)

    grant = take(account, 1)
    time.sleep(grant.next_in_s)

    assert (grant.tokens, round(grant.next_in_s, 1)) == (0, 0.1)
    assert take(account, 1).tokens == 1


def test_without_redis_nothing_raises(account_with, redis_away):
    account = account_with()

    pace.give_back(account, 5)
    close_for(account, 5)

    assert take(account, 1).tokens == 1


def test_a_redis_that_does_not_answer_counts_as_away(account_with, move_redis, deaf_port):
    move_redis(f"redis://127.0.0.1:{deaf_port}/0")
    began = time.monotonic()

    assert take(account_with(), 5).tokens == 1
    assert time.monotonic() - began < 2


def test_a_redis_that_has_come_back_is_asked_again(account_with, valkey):
    account = account_with(burst=50)
    take(account, 50)
    valkey.stop()
    take(account, 50)

    valkey.start()
    granted = [take(account, 50).tokens for _ in range(2)]

    assert 50 in granted  # The first may still meet the broken connection.
