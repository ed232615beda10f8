"""Moving people: set-based, resumable, no mail twice, and nobody is walked half moved."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments import migrate as migration
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.migrate import migrate
from automation.enrollments.react import react_to_due_events
from automation.flows.publish import publish
from automation.models import Enrollment, Flow, Message, MigrationPlan, Step, StepRun
from tests.automation.enrollments.moving import (
    make_changed_flow,
    make_waiting,
    move_everybody,
    place_of,
    publish_leaving,
    publish_moving,
)
from tests.factories import make_event, make_event_type, make_live_flow, make_template, send, wait

pytestmark = pytest.mark.django_db

ALWAYS = {"field": "contact.email", "op": "exists", "value": True}


def walk_to_the_end() -> None:
    Enrollment.objects.filter(status="active").update(due_at=timezone.now())
    while advance_due_enrollments():
        pass


def mails() -> list[str]:
    return list(Message.objects.order_by("created_at").values_list("step_key", flat=True))


def begin(flow: Flow) -> Enrollment:
    """Enters as react does it, so that the first mails are there."""
    make_event(flow.trigger)
    react_to_due_events()
    return Enrollment.objects.get(flow=flow)


def test_people_are_moved_in_chunks_each_of_the_same_number_of_statements(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migration, "CHUNK", 2)
    flow = make_changed_flow()
    for _ in range(5):
        make_waiting(flow)
    publish_moving(flow)

    counts = []
    with CaptureQueriesContext(connection) as one:
        counts.append(migrate())
    while count := migrate():
        counts.append(count)
    monkeypatch.setattr(migration, "CHUNK", 1000)
    for _ in range(50):
        make_waiting(flow, flow_version=flow.versions.get(number=1))
    Step.objects.filter(flow=flow, key="gift").update(template=make_template())
    publish_moving(flow)
    with CaptureQueriesContext(connection) as fifty:
        assert migrate() == 50

    assert counts == [2, 2, 1]
    assert len(one) == len(fifty) == 5  # Savepoint and release included.


def test_who_comes_due_before_its_turn_is_moved_first_and_walks_then():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    version = publish_moving(flow)

    walk_to_the_end()

    assert place_of(enrollment)[:2] == (version.pk, "completed")
    assert mails() == ["gift"]


def test_who_is_to_leave_is_mailed_no_more_though_it_was_due():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    publish_leaving(flow)

    walk_to_the_end()

    assert place_of(enrollment)[1] == "left"
    assert mails() == []


def test_a_mail_that_somebody_had_is_passed_over_and_the_step_run_says_so():
    flow = make_live_flow(send(key="welcome"), wait(days=3), send(key="offer"))
    begin(flow)
    Step.objects.filter(key="offer").update(key="gift")
    publish_moving(flow, to="welcome")

    walk_to_the_end()
    walk_to_the_end()

    assert mails() == ["welcome", "gift"]
    assert StepRun.objects.get(step_key="welcome", visit__gt=1).result["passed_over"] == "had it already"


def test_the_same_template_in_a_step_of_another_name_is_no_other_mail():
    template = make_template()
    flow = make_live_flow(send(template, key="welcome"), wait(days=3), send(key="offer"))
    begin(flow)
    Step.objects.filter(key="offer").update(key="again", template=template)
    publish_moving(flow, to="again")

    walk_to_the_end()

    assert mails() == ["welcome"]


def test_what_was_withheld_nobody_had():
    flow = make_live_flow(send(key="welcome"), wait(days=3), send(key="offer"))
    begin(flow)
    Message.objects.update(status="withheld")
    Step.objects.filter(key="offer").update(key="gift")
    publish_moving(flow, to="welcome")

    walk_to_the_end()

    assert mails() == ["welcome", "welcome"]


def test_a_loop_passes_over_what_was_had_only_the_first_time():
    flow = make_live_flow(send(key="news"), wait(days=3), send(key="offer"))
    begin(flow)
    Step.objects.filter(key="offer").update(kind="branch", rule=ALWAYS, key="go-on", next_key="news", else_key="end")
    Step.objects.create(flow=flow, key="end", kind="exit", position=9)
    publish_moving(flow, to="go-on")

    for _ in range(3):
        Enrollment.objects.update(due_at=timezone.now())
        move_everybody()
        advance_due_enrollments()

    assert mails() == ["news", "news", "news"]


def test_a_mail_that_came_too_late_was_not_had_and_what_was_had_is_not_repeated_after_it():
    """A step is passed over once for what was had. That it was passed over for coming late is another thing."""
    flow = make_live_flow(send(key="news"), wait(days=3), send(key="offer"))
    begin(flow)
    Step.objects.filter(key="offer").update(kind="branch", rule=ALWAYS, key="go-on", next_key="news", else_key="end")
    Step.objects.create(flow=flow, key="end", kind="exit", position=9)
    publish_moving(flow, to="go-on")
    enrollment = Enrollment.objects.get()
    move_everybody()
    StepRun.objects.create(enrollment=enrollment, step_key="news", visit=90, result={"passed_over": "too late"})

    walk_to_the_end()

    assert mails() == ["news"]
    assert StepRun.objects.filter(step_key="news").latest("ran_at").result["passed_over"] == "had it already"


def test_who_was_never_moved_costs_no_statement_more():
    flow = make_live_flow(send(), wait(days=1), send())
    make_waiting(flow, step_key="step-2")
    advance_due_enrollments()  # Reads the versions of flow and template, once in a process.
    make_waiting(flow, step_key="step-2")
    with CaptureQueriesContext(connection) as ordinary:
        advance_due_enrollments()

    make_waiting(flow, step_key="step-2", moved_at=timezone.now())
    with CaptureQueriesContext(connection) as moved:
        advance_due_enrollments()

    assert len(moved) == len(ordinary) + 1


def test_a_move_does_not_wake_who_still_waits():
    flow = make_changed_flow()
    enrollment = make_waiting(flow, due_at=timezone.now() + timedelta(days=2))
    publish_moving(flow)
    move_everybody()

    assert advance_due_enrollments() == 0
    assert place_of(enrollment)[2] == "gift"


def test_publishing_once_more_leaves_a_move_that_is_under_way_as_it_was_planned():
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    version = publish_moving(flow)
    Step.objects.filter(flow=flow, key="gift").update(template=make_template())
    publish(flow=flow)

    move_everybody()

    assert place_of(enrollment)[0] == version.pk
    assert MigrationPlan.objects.get().done_at is not None


def test_who_rests_to_hear_of_something_goes_on_with_the_new_step_at_once():
    flow = make_changed_flow()
    later = timezone.now() + timedelta(days=5)
    enrollment = make_waiting(flow, due_at=later, rests_since=timezone.now(), awaits=[1])
    publish_moving(flow)

    move_everybody()

    due_at = place_of(enrollment)[3]
    assert due_at is not None
    assert due_at < later
    assert (enrollment.rests_since, enrollment.awaits) == (None, None)


def test_what_somebody_has_awaited_is_known_in_the_other_version_too():
    flow = make_changed_flow()
    enrollment = make_waiting(flow, awaited=make_event())
    awaited = enrollment.awaited
    publish_moving(flow)

    move_everybody()

    enrollment.refresh_from_db()
    assert (enrollment.step_key, enrollment.awaited) == ("gift", awaited)


def test_who_hears_what_it_waited_for_before_its_turn_is_moved_first():
    paid = make_event_type()
    flow = make_live_flow(
        {"kind": "wait_event", "key": "offer", "options": {"event": paid.name}, "wait_for": timedelta(days=1)},
        send(key="thanks"),
    )
    enrollment = begin(flow)
    assert enrollment.awaits
    Step.objects.filter(flow=flow, key="thanks").update(key="gift", template=make_template())
    version = publish_moving(flow)

    make_event(paid, enrollment.contact)
    react_to_due_events()

    assert place_of(enrollment)[:3] == (version.pk, "active", "gift")
    assert mails() == []
