"""Whether a flow helps: whom it counts, once, in which arm, and when there are too few to tell."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.intervals import Share
from automation.enrollments.lift import Finding, Group, Lift, lift_of
from automation.flows.publish import publish
from automation.models import Flow
from tests.factories import make_enrollment, make_event, make_event_type, make_holdout, make_live_flow

DAY = timedelta(days=1)
NOW = timezone.now()
LONG_AGO = NOW - 30 * DAY


@pytest.fixture
def bought(db):
    return make_event_type()


@pytest.fixture
def flow(bought):
    return make_live_flow(holdout_percent=10.0, conversion_event=bought, conversion_within=7 * DAY)


def entered(flow, at=LONG_AGO, **fields):
    return make_enrollment(flow, entered_at=at, **fields).contact


def held_out(flow, at=LONG_AGO, **fields):
    return make_holdout(flow, held_out_at=at, **fields).contact


def buys(contact, bought, at):
    make_event(bought, contact, occurred_at=at)


def counted(flow):
    lift = lift_of(flow, at=NOW)
    return {name: (*getattr(lift, name).share, getattr(lift, name).waiting) for name in ("entered", "held_out")}


def test_who_converted_in_time_counts_once_in_each_arm(flow, bought):
    for join in (entered, held_out):
        early, late, in_time, _ = (join(flow) for _ in range(4))
        buys(early, bought, LONG_AGO)  # It may be what it entered on.
        buys(late, bought, LONG_AGO + 7 * DAY + timedelta(seconds=1))
        buys(in_time, bought, LONG_AGO + DAY)
        buys(in_time, bought, LONG_AGO + 7 * DAY)

    assert counted(flow) == {"entered": (4, 1, 0), "held_out": (4, 1, 0)}


def test_whose_time_is_not_over_waits_even_if_it_has_converted(flow, bought):
    for join in (entered, held_out):
        buys(join(flow, NOW - DAY), bought, NOW)

    assert counted(flow) == {"entered": (0, 0, 1), "held_out": (0, 0, 1)}


def test_who_enters_again_counts_from_the_first_time(flow, bought):
    contact = entered(flow)
    entered(flow, LONG_AGO + 10 * DAY, contact=contact, entry_key="again")
    buys(contact, bought, LONG_AGO + 11 * DAY)

    assert counted(flow)["entered"] == (1, 0, 0)


def test_other_events_and_flows_do_not_count(flow, bought):
    make_event(contact=entered(flow), occurred_at=LONG_AGO + DAY)
    buys(entered(make_live_flow(holdout_percent=10.0)), bought, LONG_AGO + DAY)

    assert counted(flow)["entered"] == (1, 0, 0)


def test_who_has_been_in_both_arms_is_in_neither(flow):
    held_out(flow, contact=entered(flow), entry_key="again")
    entered(flow)

    assert counted(flow) == {"entered": (1, 0, 0), "held_out": (0, 0, 0)}


def test_who_is_held_out_of_all_marketing_is_no_comparison_for_one_flow(flow):
    held_out(flow, scope="all")

    assert counted(flow)["held_out"] == (0, 0, 0)


def test_what_was_before_the_share_was_changed_does_not_count(flow):
    entered(flow)
    held_out(flow)
    for changes in ({"holdout_percent": 20.0}, {"description": "x", "max_event_age": DAY}):
        Flow.objects.filter(pk=flow.pk).update(**changes)
        flow.refresh_from_db()
        publish(flow=flow)
        flow.refresh_from_db()
        entered(flow)

    assert flow.live_version.number == 3
    assert counted(flow) == {"entered": (2, 0, 0), "held_out": (0, 0, 0)}


def test_without_a_holdout_or_an_event_to_count_there_is_nothing_to_tell(bought):
    assert lift_of(make_live_flow(conversion_event=bought), at=NOW) is None
    assert lift_of(make_live_flow(holdout_percent=10.0), at=NOW) is None


def test_any_number_costs_the_same(flow, bought, django_assert_num_queries):
    lift_of(flow, at=NOW)  # Reads the definition, once in a process.
    for _ in range(5):
        entered(flow)
        held_out(flow)

    with django_assert_num_queries(1):
        lift_of(flow, at=NOW)


@pytest.mark.parametrize(
    ("entered_share", "held_out_share", "finding"),
    [
        (Share(900, 900), Share(99, 0), Finding.TOO_FEW),
        (Share(99, 99), Share(900, 0), Finding.TOO_FEW),
        (Share(900, 9), Share(100, 0), Finding.TOO_FEW),
        (Share(900, 12), Share(100, 0), Finding.UNCLEAR),
        (Share(900, 90), Share(100, 10), Finding.UNCLEAR),
        (Share(900, 180), Share(100, 8), Finding.HELPS),
        (Share(900, 72), Share(100, 20), Finding.HURTS),
    ],
)
def test_what_can_be_said(entered_share, held_out_share, finding):
    assert Lift(Group(entered_share, 0), Group(held_out_share, 0)).finding is finding


def test_contacts_of_other_flows_may_be_in_both(flow):
    held_out(make_live_flow(holdout_percent=10.0), contact=entered(flow))

    assert counted(flow)["entered"] == (1, 0, 0)
