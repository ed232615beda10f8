"""Rollout and holdouts: the same contacts always, in Python and in SQL, and recorded where there is a comparison."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from automation.core.json import JsonObject
from automation.core.lanes import Lane
from automation.enrollments.arms import Arm, arm_of, arm_sql
from automation.enrollments.react import react_to_due_events
from automation.flows.definition import Definition, of_version
from automation.flows.publish import publish
from automation.models import Contact, Enrollment, Event, Holdout, HouseRules
from tests.factories import make_contact, make_event, make_live_flow

CONTACTS = range(1, 4001)


def definition(rollout: float = 100.0, holdout: float = 0.0, key: str = "welcome") -> Definition:
    return Definition({}, "once", "", None, "leave", "", {}, key, rollout, holdout)


def arms(said: Definition, *, held_out_of_all: float = 0.0) -> dict[int, Arm]:
    return {contact: arm_of(contact, said, held_out_of_all=held_out_of_all).arm for contact in CONTACTS}


def those_in(arm: Arm, of: dict[int, Arm]) -> set[int]:
    return {contact for contact, its in of.items() if its == arm}


def test_without_shares_everybody_is_in():
    assert those_in(Arm.IN, arms(definition())) == {*CONTACTS}


def test_raising_a_rollout_keeps_those_who_were_in():
    tenth, fifth = (those_in(Arm.IN, arms(definition(rollout=percent))) for percent in (10, 20))

    assert tenth < fifth
    assert 0.08 < len(tenth) / len(CONTACTS) < 0.12
    assert 0.17 < len(fifth) / len(CONTACTS) < 0.23


def test_only_who_is_in_the_rollout_is_held_out():
    rollout = those_in(Arm.IN, arms(definition(rollout=50)))

    both = arms(definition(rollout=50, holdout=20), held_out_of_all=10)

    held = those_in(Arm.HELD_OUT, both) | those_in(Arm.HELD_OUT_OF_ALL, both)
    assert held | those_in(Arm.IN, both) == rollout
    assert 0.23 < len(held) / len(rollout) < 0.33  # 10 % of all, and a fifth of the rest: 28 %.


def test_who_is_held_out_of_all_is_so_in_every_flow():
    held = [those_in(Arm.HELD_OUT_OF_ALL, arms(definition(key=key), held_out_of_all=5)) for key in ("welcome", "cart")]

    assert held[0] == held[1]


@pytest.mark.parametrize("percent", [0.0, 100.0])
def test_nothing_and_everything_mean_it(percent: float):
    assert set(arms(definition(rollout=percent)).values()) == {Arm.IN if percent else Arm.NOT_IN_ROLLOUT}
    assert set(arms(definition(holdout=percent)).values()) == {Arm.HELD_OUT if percent else Arm.IN}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rollout", "holdout", "held_out_of_all"),
    [(100.0, 0.0, 0.0), (30.0, 0.0, 0.0), (100.0, 5.0, 0.0), (100.0, 0.0, 5.0), (60.0, 20.0, 10.0), (0.0, 0.0, 0.0)],
)
def test_the_database_sorts_the_same_way(rollout: float, holdout: float, held_out_of_all: float):
    said = definition(rollout, holdout)
    expression, params = arm_sql("id", said, held_out_of_all=held_out_of_all)

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {expression} FROM unnest(%s::bigint[]) AS t (id)", [*params, [*CONTACTS]])
        sorted_by_it = dict(cursor.fetchall())

    assert sorted_by_it == arms(said, held_out_of_all=held_out_of_all)


def decided(event: Event) -> JsonObject:
    event.refresh_from_db()
    [decision] = event.decisions
    return dict(decision)


@pytest.mark.django_db
def test_who_is_held_out_is_recorded_once_for_each_run():
    flow = make_live_flow(holdout_percent=100.0)
    contact = make_contact()
    events = [make_event(flow.trigger, contact), make_event(flow.trigger, contact)]

    react_to_due_events()

    [holdout] = Holdout.objects.all()
    assert (holdout.contact, holdout.flow, holdout.flow_version) == (contact, flow, flow.live_version)
    assert (holdout.scope, holdout.entry_key) == ("flow", "")
    assert [decided(event)["verdict"] for event in events] == ["held_out", "held_out"]
    assert decided(events[0])["seen"]["percent"] == 100
    assert not Enrollment.objects.exists()


@pytest.mark.django_db
def test_who_is_not_in_the_rollout_is_left_alone():
    flow = make_live_flow(rollout_percent=0.0)
    event = make_event(flow.trigger)

    react_to_due_events()

    assert decided(event)["verdict"] == "not_in_rollout"
    assert not Holdout.objects.exists()
    assert not Enrollment.objects.exists()


@pytest.mark.django_db
def test_raising_the_rollout_lets_in_who_was_left_out():
    flow = make_live_flow(rollout_percent=0.0)
    contact = make_contact()
    make_event(flow.trigger, contact)
    react_to_due_events()

    flow.rollout_percent = 100.0
    flow.save()
    publish(flow=flow)
    make_event(flow.trigger, contact)
    react_to_due_events()

    assert Enrollment.objects.filter(contact=contact).exists()


@pytest.mark.django_db
def test_house_rules_hold_out_of_marketing_and_never_of_what_was_asked_for():
    HouseRules.objects.create(holdout_percent=100.0)
    offer = make_live_flow()
    receipt = make_live_flow(lane=Lane.TRANSACTIONAL, trigger=offer.trigger)
    make_event(offer.trigger)

    react_to_due_events()

    assert Enrollment.objects.get().flow == receipt
    assert Holdout.objects.get().scope == "all"


@pytest.mark.django_db
def test_house_rules_hold_nobody_out_before_their_time():
    HouseRules.objects.create(holdout_percent=100.0, holdout_since=timezone.now() + timedelta(hours=1))
    make_event(make_live_flow().trigger)

    react_to_due_events()

    assert Enrollment.objects.exists()


@pytest.mark.django_db
def test_holding_out_costs_one_statement_for_a_batch_of_any_size(django_assert_num_queries):
    flow = make_live_flow(holdout_percent=100.0)
    of_version(flow.live_version)
    for _ in range(7):
        make_event(flow.trigger)

    with django_assert_num_queries(2 + 5):  # Begin and commit; events, contacts, listeners, holdouts, decisions.
        react_to_due_events()

    assert Holdout.objects.count() == Contact.objects.count() == 7
