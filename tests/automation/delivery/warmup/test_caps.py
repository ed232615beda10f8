"""What a plan allows, hour by hour. No database: the days are given by hand."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.delivery.models import WarmupDay, WarmupPlan
from automation.delivery.warmup.caps import caps_on, day_of, is_over, last_goes_out, room, turn, use

START = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def plan_of(*days, **fields):
    plan = WarmupPlan(pk=1, domain="example.com", **{"started_at": START, **fields})
    rows = [WarmupDay(day=number, hourly=hourly, daily=daily) for number, (hourly, daily) in enumerate(days, 1)]
    plan._prefetched_objects_cache = {"days": rows}
    return plan


def at(plan, when):
    turn(plan, when)
    return plan


def test_days_begin_on_the_full_hour_of_the_start():
    plan = plan_of((20, 480), (28, 672))

    assert [day_of(plan, START + step) for step in (-HOUR, 0 * HOUR, DAY - HOUR, DAY - timedelta(minutes=30))] == [
        *(0, 1, 1),
        2,
    ]


def test_an_hour_allows_its_cap_once():
    plan = at(plan_of((20, 480)), START)

    use(plan, 15, START)

    assert room(plan) == 5
    assert room(at(plan, START + timedelta(minutes=29))) == 5
    assert room(at(plan, START + timedelta(minutes=30))) == 20


def test_a_day_allows_no_more_than_its_own_cap():
    plan = at(plan_of((20, 30)), START)

    use(plan, 20, START)
    turn(plan, START + HOUR)
    assert room(plan) == 10
    use(plan, 10, START)
    assert room(at(plan, START + 2 * HOUR)) == 0


def test_more_than_the_cap_leaves_no_room_and_no_debt():
    plan = at(plan_of((20, 480)), START)

    use(plan, 50, START)  # Transactional mail does not wait.

    assert room(plan) == 0
    assert room(at(plan, START + HOUR)) == 20


def test_a_clock_that_is_set_back_grants_no_hour_twice():
    plan = at(plan_of((20, 480)), START + HOUR)
    use(plan, 20, START + HOUR)

    assert room(at(plan, START)) == 0
    assert room(at(plan, START + HOUR)) == 0
    assert room(at(plan, START + 2 * HOUR)) == 20


def test_a_clock_that_is_set_back_over_midnight_grants_no_day_twice():
    plan = at(plan_of((20, 20), (30, 30)), START)
    use(plan, 20, START)
    turn(plan, START + DAY)
    use(plan, 30, START + DAY)

    assert room(at(plan, START + DAY - HOUR)) == 0


def test_a_start_that_is_moved_begins_a_day_of_its_own_but_not_its_hour_anew():
    plan = at(plan_of((20, 480), (28, 672)), START + DAY)
    use(plan, 20, START + DAY)

    plan.started_at = START + DAY

    assert room(at(plan, START + DAY)) == 0
    assert (plan.day, plan.used_today, room(at(plan, START + DAY + HOUR))) == (1, 0, 20)


def test_before_its_start_a_plan_allows_nothing_and_after_its_end_everything():
    plan = plan_of((20, 480))

    assert room(at(plan, START - HOUR)) == 0
    assert room(at(plan, START + DAY)) == inf
    assert is_over(plan)


def test_a_start_that_is_mistyped_by_a_century_ends_the_plan_and_breaks_nothing():
    plan = at(plan_of((20, 480), started_at=START.replace(year=1826)), START)

    assert (plan.day, is_over(plan)) == (32_767, True)


def test_a_frozen_plan_allows_nothing():
    assert room(at(plan_of((20, 480), status="frozen"), START)) == 0


def test_a_day_that_was_left_out_is_like_the_day_before():
    plan = plan_of()
    plan._prefetched_objects_cache["days"] = [
        WarmupDay(day=4, hourly=4, daily=40),
        WarmupDay(day=2, hourly=2, daily=20),
    ]

    assert [caps_on(plan, day) for day in range(6)] == [(0, 0), (2, 20), (2, 20), (2, 20), (4, 40), None]


def test_a_plan_without_days_is_over():
    assert is_over(at(plan_of(), START))


@pytest.mark.parametrize(
    ("waiting", "hours"),
    [(1, 0), (10, 0), (11, 1), (30, 2), (31, 24), (50, 24), (51, 25), (130, 28), (131, 48), (10**9, 48)],
)
def test_when_the_last_goes_out(waiting, hours):
    plan = at(plan_of((10, 30), (20, 100)), START)

    assert last_goes_out(plan, waiting) == START.replace(minute=0) + hours * HOUR


def test_when_the_last_goes_out_counts_what_has_gone():
    plan = at(plan_of((10, 30), (20, 100)), START + HOUR)
    plan.used_this_hour, plan.used_today = 4, 24

    assert last_goes_out(plan, 6) == START.replace(minute=0) + HOUR
    assert last_goes_out(plan, 7) == START.replace(minute=0) + DAY


def test_nobody_knows_when_the_last_goes_out_of_a_frozen_plan():
    assert last_goes_out(at(plan_of((10, 30), status="frozen"), START), 1) is None


@given(
    days=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), min_size=1, max_size=3),
    steps=st.lists(st.tuples(st.integers(-90, 200), st.integers(0, 10)), max_size=60),
)
def test_however_the_clock_jumps_no_hour_and_no_day_exceeds_its_cap(days, steps):
    """Minutes that pass (or are taken back), then that many who want to go."""
    plan, now = plan_of(*days), START
    by_hour, by_day = {}, {}
    for minutes, wanting in steps:
        now += timedelta(minutes=minutes)
        turn(plan, now)
        if is_over(plan):
            break
        gone = min(wanting, int(room(plan)))
        use(plan, gone, now)
        by_hour[plan.hour] = by_hour.get(plan.hour, 0) + gone
        by_day[plan.day] = by_day.get(plan.day, 0) + gone

    assert all(gone <= caps_on(plan, day_of(plan, hour)).hourly for hour, gone in by_hour.items())
    assert all(gone <= caps_on(plan, day).daily for day, gone in by_day.items())
