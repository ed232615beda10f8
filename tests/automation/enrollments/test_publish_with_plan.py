"""Publishing with a plan: what becomes of those who wait in older versions."""

import pytest

from automation.enrollments.publish_with_plan import Choice, PlanInvalid, publish_with_plan
from automation.flows.models import Flow, Step
from automation.flows.publish import FlowInvalid
from automation.models import MigrationPlan, StepRun
from tests.automation.enrollments.moving import (
    Action,
    make_changed_flow,
    make_waiting,
    move_everybody,
    place_of,
    publish_leaving,
    publish_moving,
)
from tests.factories import make_live_flow

pytestmark = pytest.mark.django_db


def test_who_is_not_planned_for_stays_on_the_version_that_they_walk():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    before = place_of(enrollment)

    publish_with_plan(flow=flow, choices=[])

    assert move_everybody() == 0
    assert place_of(enrollment) == before


def test_who_is_moved_goes_on_with_the_step_named_once_the_wait_is_over():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    due_at = enrollment.due_at

    version = publish_moving(flow)

    assert move_everybody() == 1
    assert place_of(enrollment) == (version.pk, "active", "gift", due_at)
    move = enrollment.step_runs.get()
    assert (move.step_key, move.visit) == ("offer", 3)
    assert move.result == {"kind": "move", "next": "gift", "version": 2}


def test_who_is_to_leave_ends_here():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    old = flow.live_version_id

    publish_leaving(flow)
    move_everybody()

    assert place_of(enrollment) == (old, "left", "", None)
    assert enrollment.ended_at is not None


def test_only_those_who_wait_at_the_step_of_that_version_are_moved():
    flow, other = make_changed_flow(), make_changed_flow()
    elsewhere = [make_waiting(other), make_waiting(flow, step_key="pause"), make_waiting(flow, status="set_aside")]
    before = [place_of(one) for one in elsewhere]

    publish_moving(flow)

    assert move_everybody() == 0
    assert [place_of(one) for one in elsewhere] == before


def test_who_comes_to_the_step_only_after_publishing_stays():
    flow = make_changed_flow()
    publish_moving(flow)
    enrollment = make_waiting(flow, flow_version=flow.versions.get(number=1))
    before = place_of(enrollment)

    assert move_everybody() == 0
    assert place_of(enrollment) == before


def test_who_had_entered_but_comes_to_the_step_only_after_publishing_stays_too():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    before = place_of(enrollment)
    publish_moving(flow)
    StepRun.objects.create(enrollment=enrollment, step_key="pause", visit=2)

    assert move_everybody() == 0
    assert place_of(enrollment) == before


def test_a_plan_is_done_once_nobody_is_left():
    flow = make_changed_flow()
    make_waiting(flow)

    publish_moving(flow)
    move_everybody()

    assert MigrationPlan.objects.get().done_at is not None


def test_a_later_plan_takes_the_place_of_one_that_is_not_done():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    old = flow.live_version_id
    publish_moving(flow)
    assert old is not None

    publish_with_plan(flow=flow, choices=[Choice(old, "offer", Action.LEAVE)])
    move_everybody()

    assert place_of(enrollment)[1] == "left"
    assert MigrationPlan.objects.filter(done_at=None).count() == 0


def test_a_step_that_there_is_not_is_refused_and_nothing_is_published():
    flow = make_changed_flow()

    with pytest.raises(PlanInvalid, match="no step “offer”"):
        publish_moving(flow, to="offer")

    assert Flow.objects.get(pk=flow.pk).live_version_id == flow.live_version_id


def test_a_draft_with_faults_makes_no_plan():
    flow = make_changed_flow()
    Step.objects.filter(flow=flow, key="gift").update(template=None)

    with pytest.raises(FlowInvalid):
        publish_moving(flow)

    assert not MigrationPlan.objects.exists()


def test_people_of_another_flow_cannot_be_moved():
    flow, other = make_changed_flow(), make_live_flow()
    assert other.live_version_id is not None

    with pytest.raises(PlanInvalid, match="another flow"):
        publish_with_plan(flow=flow, choices=[Choice(other.live_version_id, "step-0", Action.LEAVE)])
