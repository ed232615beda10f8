"""Schedules: when they come round, whatever the clocks do, and what is wrong with one."""

# ruff: noqa: DTZ001  # Times by a wall clock have no zone.

from datetime import UTC, date, datetime, time

import pytest
from django.db import IntegrityError, transaction

from automation.flows import schedule
from automation.flows.models import Flow, ReEntry
from automation.flows.schedule import Schedule
from automation.flows.triggers import Timing, TriggerKind
from automation.flows.validate import validate
from tests.factories import make_event_type, make_flow, make_template, send

MONDAYS = Schedule(Timing.RECURRING, time(9), "Europe/Berlin", date(2026, 1, 1), "FREQ=WEEKLY;BYDAY=MO")


def instants(told: Schedule, since: datetime, count: int) -> list[datetime]:
    wall = told.first_since(since)
    found: list[datetime] = []
    while wall and len(found) < count:
        found.append(told.begins(wall))
        wall = told.next_time(wall)
    return found


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (datetime(2026, 3, 20, tzinfo=UTC), [datetime(2026, 3, 23, 8), datetime(2026, 3, 30, 7)]),
        (datetime(2026, 10, 18, tzinfo=UTC), [datetime(2026, 10, 19, 7), datetime(2026, 10, 26, 8)]),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_on_both_sides_of_a_change(since, expected):
    assert instants(MONDAYS, since, 2) == [at.replace(tzinfo=UTC) for at in expected]


def test_in_the_nights_when_clocks_change_it_comes_once():
    nightly = Schedule(Timing.RECURRING, time(2, 30), "Europe/Berlin", date(2026, 1, 1), "FREQ=DAILY")

    spring = instants(nightly, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    autumn = instants(nightly, datetime(2026, 10, 24, 12, tzinfo=UTC), 2)

    assert spring == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_by_each_contacts_own_clock_a_day_begins_where_it_begins_first_and_ends_where_it_ends_last():
    once = Schedule(Timing.ONCE, time(9), day=date(2026, 12, 1))
    wall = once.first_since(datetime(2026, 11, 1, tzinfo=UTC))

    assert wall == datetime(2026, 12, 1, 9)
    assert once.begins(wall) == datetime(2026, 11, 30, 19, tzinfo=UTC)
    assert once.ends(wall) == datetime(2026, 12, 1, 21, tzinfo=UTC)
    assert once.next_time(wall) is None


def test_what_lies_before_it_was_published_does_not_come():
    once = Schedule(Timing.ONCE, time(9), "Europe/Berlin", date(2026, 12, 1))

    assert once.first_since(datetime(2026, 12, 1, 8, tzinfo=UTC)) == datetime(2026, 12, 1, 9)
    assert once.first_since(datetime(2026, 12, 1, 8, 0, 1, tzinfo=UTC)) is None


def scheduled(**fields: object) -> Flow:
    return Flow(
        **{
            "trigger_kind": TriggerKind.SCHEDULE,
            "timing": Timing.ONCE,
            "day": date(2026, 12, 1),
            "clock": time(9),
            "for_everybody": True,
            **fields,
        }
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"clock_zone": "Europe/Berlin"},
        {"timing": Timing.RECURRING, "recurrence": "FREQ=DAILY"},
        {"timing": Timing.DATE, "date_path": "contact.attributes.trial.ends_at", "offset_days": -3, "day": None},
        {"timing": Timing.YEARLY, "date_path": "contact.attributes.birthday", "re_entry": ReEntry.ALWAYS, "day": None},
    ],
)
def test_what_is_stored_says_what_the_draft_said(fields):
    flow = scheduled(**fields)

    said = schedule.from_json(schedule.to_json(flow))

    assert schedule.faults(flow) == []
    assert (said.timing, said.day, said.clock, said.zone) == (flow.timing, flow.day, flow.clock, flow.clock_zone)
    assert (said.recurrence, said.date_path) == (flow.recurrence, flow.date_path)
    assert said.offset_days == flow.offset_days


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"timing": ""}, "Say when the schedule comes round"),
        ({"clock": None}, "Say at what time of day"),
        ({"day": None}, "Say on which day."),
        ({"for_everybody": False}, "Say who enters"),
        ({"timing": Timing.RECURRING, "day": None}, "Say from which day on."),
        ({"timing": Timing.RECURRING}, "The recurrence does not work. It needs one of"),
        ({"timing": Timing.DATE}, "Say which date of the contact counts"),
        ({"timing": Timing.DATE, "date_path": "contact.email"}, "Say which date of the contact counts"),
        (
            {"timing": Timing.DATE, "date_path": "contact.attributes.a", "offset_days": 400},
            "366 days are the most",
        ),
        ({"timing": Timing.YEARLY, "date_path": "contact.attributes.a"}, "Let contacts enter again"),
        ({"re_entry": ReEntry.PER_KEY}, "a schedule has none"),
    ],
)
def test_a_schedule_that_lacks_something_is_told_in_words(fields, told):
    (fault,) = schedule.faults(scheduled(**fields))

    assert told in fault


@pytest.mark.django_db
def test_a_rule_and_a_template_of_a_schedule_can_ask_for_no_event():
    mail = make_template(variables=[{"name": "x", "path": "event.payload.x", "missing": "refuse"}])
    flow = make_flow(
        send(mail),
        trigger_kind=TriggerKind.SCHEDULE,
        timing=Timing.ONCE,
        day=date(2026, 12, 1),
        clock=time(9),
        entry_rule={"field": "event.payload.y", "op": "eq", "value": 1},
    )

    _, faults = validate(flow)

    assert [fault.message.partition(" ")[2] for fault in faults] == [
        "rule asks for event.payload.y, which a schedule does not have.",
        f"template “{mail.name}” needs event.payload.x, which a schedule does not have.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TriggerKind)
def test_only_a_schedule_is_without_an_event(kind):
    flow = make_flow(trigger_kind=kind)

    with pytest.raises(IntegrityError), transaction.atomic():
        Flow.objects.filter(pk=flow.pk).update(trigger=make_event_type() if kind == TriggerKind.SCHEDULE else None)
