"""The loop that all pumps share, and what becomes of rows that it cannot work off."""

from datetime import timedelta

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection
from django.utils import timezone

from automation.core import pump
from automation.core.ids import new_id
from automation.core.pump import MAX_ATTEMPTS, set_back, transact
from automation.models import Event, StepRun
from tests.factories import make_contact, make_event, make_event_type


@pytest.fixture
def wakes(monkeypatch):
    """The pumps that `run` has called."""
    called: list[str] = []
    monkeypatch.setattr(pump, "wake", called.append)
    return called


def steps(*counts):
    return iter(counts).__next__


# --- run --------------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_until_nothing_is_due(wakes):
    handled = pump.run("automation.react", steps(200, 200, 7, 0))

    assert handled == 407
    assert wakes == []


def test_a_run_that_finds_work_without_end_stops_after_its_budget_and_calls_the_next(wakes):
    handled = pump.run("automation.react", lambda: 1, budget=timedelta(seconds=0.05))

    assert handled > 1
    assert wakes == ["automation.react"]


def test_work_that_fails_is_not_hidden(wakes):
    def step():
        raise OperationalError

    with pytest.raises(OperationalError):
        pump.run("automation.react", step)


# --- transact ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def events(db):
    kind, contact = make_event_type(), make_contact()
    return [make_event(kind, contact) for _ in range(3)]


def claim_events():
    return list(Event.objects.due(timezone.now()).select_for_update(skip_locked=True))


def decide_unless(fails):
    """Work that decides events, and fails as told on those that `fails` names."""

    def work(rows):
        for row in rows:
            Event.objects.filter(pk=row.pk).update(status=Event.Status.DECIDED)
            if row.pk in fails:
                fails[row.pk]()

    return work


def statuses(events):
    stored = Event.objects.in_bulk()
    return [stored[event.pk].status for event in events]


def raising(error):
    def fail():
        raise error

    return fail


def make_database_complain():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def point_to_nothing():
    """A foreign key that is checked only when the transaction ends."""
    StepRun.objects.create(enrollment_id=new_id(), step_key="x", visit=1)


def test_a_batch_is_worked_off_in_one_go(events):
    batches = []

    assert transact(claim_events, batches.append) == 3
    assert [len(batch) for batch in batches] == [3]


def test_without_rows_there_is_no_work(db):
    assert transact(list, raising(AssertionError)) == 0


@pytest.mark.parametrize("poison", [raising(KeyError("x")), make_database_complain])
def test_one_poison_row_does_not_hold_its_batch(events, poison):
    transact(claim_events, decide_unless({events[1].pk: poison}))

    assert statuses(events) == ["decided", "new", "decided"]
    events[1].refresh_from_db()
    assert events[1].attempts == 1
    assert events[1].due_at > timezone.now() + timedelta(seconds=1)


def test_a_row_that_breaks_a_foreign_key_does_not_hold_its_batch_either(transactional_db, events):
    transact(claim_events, decide_unless({events[1].pk: point_to_nothing}))

    assert statuses(events) == ["decided", "new", "decided"]


def test_a_row_that_keeps_failing_is_set_aside_with_its_reason(events):
    work = decide_unless({events[1].pk: raising(KeyError("plan"))})
    for _ in range(MAX_ATTEMPTS):
        transact(claim_events, work)
        Event.objects.update(due_at=timezone.now())

    events[1].refresh_from_db()
    assert (events[1].status, events[1].failure) == ("set_aside", "KeyError: 'plan'")
    assert transact(claim_events, work) == 0


def test_a_reason_that_postgresql_would_refuse_is_kept_without_what_it_refuses(events):
    Event.objects.update(attempts=MAX_ATTEMPTS - 1)

    transact(claim_events, decide_unless({events[1].pk: raising(ValueError("a\0b\ud800"))}))

    events[1].refresh_from_db()
    assert (events[1].status, events[1].failure) == ("set_aside", "ValueError: ab?")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_failing_database_is_no_rows_fault(events, error):
    with pytest.raises(error):
        transact(claim_events, decide_unless({events[1].pk: raising(error)}))

    assert statuses(events) == ["new", "new", "new"]
    assert not Event.objects.filter(attempts__gt=0).exists()


def test_a_database_that_fails_while_rows_are_tried_alone_is_no_rows_fault(events):
    errors = [KeyError, OperationalError]

    def fail():
        raise errors.pop(0)

    with pytest.raises(OperationalError):
        transact(claim_events, decide_unless({events[1].pk: fail}))

    assert statuses(events) == ["new", "new", "new"]


def test_what_is_no_failure_of_the_work_is_not_caught(events):
    with pytest.raises(KeyboardInterrupt):
        transact(claim_events, decide_unless({events[0].pk: raising(KeyboardInterrupt)}))


def test_pauses_double(events):
    at, pauses = timezone.now(), []
    for attempts in range(MAX_ATTEMPTS - 1):
        events[0].attempts = attempts
        set_back(events[0], DataError("x"), at=at)
        pauses.append((Event.objects.get(pk=events[0].pk).due_at - at).total_seconds())

    assert pauses == [2, 4, 8, 16]
