"""What was awaited is known at a step if, whichever way leads there, an event has ended the latest wait for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.flows.awaited import NOTHING, awaited
from automation.flows.draft import look_at
from automation.flows.graph import Graph
from automation.flows.publish import FlowInvalid, publish
from tests.factories import make_event_type, make_flow, make_template, send

PAID, SHIPPED = 1, 2
NO = {NOTHING}


def wait_for(event_type, then, other):
    return {"kind": "wait_event", "event": event_type, "next": then, "else": other}


def branch(then, other):
    return {"kind": "branch", "next": then, "else": other}


def go(following):
    return {"kind": "wait", "next": following}


def graph(**steps):
    leads_to = {key: [one["next"], *([one["else"]] if "else" in one else [])] for key, one in steps.items()}
    return Graph(next(iter(steps)), steps, leads_to)


@pytest.mark.parametrize(
    ("shape", "known"),
    [
        (graph(a=go("b"), b=go(None)), {"a": NO, "b": NO}),
        (graph(a=wait_for(PAID, "b", "c"), b=go(None), c=go(None)), {"a": NO, "b": {PAID}, "c": NO}),
        (graph(a=wait_for(PAID, "b", "c"), b=go("d"), c=go(None), d=go(None)),
         {"a": NO, "b": {PAID}, "c": NO, "d": {PAID}}),
        (graph(a=wait_for(PAID, "b", "b"), b=go(None)), {"a": NO, "b": {PAID, NOTHING}}),
        (graph(a=wait_for(PAID, "b", None), b=wait_for(SHIPPED, "c", "d"), c=go(None), d=go(None)),
         {"a": NO, "b": {PAID}, "c": {SHIPPED}, "d": {PAID}}),
        (graph(a=branch("b", "c"), b=wait_for(PAID, "d", None), c=wait_for(SHIPPED, "d", None), d=go(None)),
         {"a": NO, "b": NO, "c": NO, "d": {PAID, SHIPPED}}),
        (graph(a=wait_for(PAID, "b", None), b=branch("a", "c"), c=go(None)),
         {"a": {PAID, NOTHING}, "b": {PAID}, "c": {PAID}}),
        (graph(a=go("gone"), b=go(None)), {"a": NO}),
    ],
    ids=["none", "two ways", "on and on", "both ways lead there", "the latest", "one of two", "a loop", "a dead end"],
)  # fmt: skip
def test_what_whoever_comes_to_a_step_brings_along(shape, known):
    assert awaited(shape) == known


def wait_event(event_type, **fields):
    options = {"event": event_type.name}
    return {"kind": "wait_event", "options": options, "wait_for": timedelta(days=1), **fields}


def receipt(missing="refuse"):
    variable = {"name": "total", "path": "awaited.payload.total", "missing": missing, "default": "0"}
    return make_template(name="Receipt", variables=[variable])


@pytest.fixture
def paid(db):
    return make_event_type(name="Paid", schema={"properties": {"total": {"type": "number"}}})


def faults_of(flow):
    with pytest.raises(FlowInvalid) as refused:
        publish(flow=flow)
    return [(fault.step_key, fault.message) for fault in refused.value.faults]


UNSURE = "but it may be that no event was waited for, or that none came in time."
NEEDS = "The template “Receipt” needs awaited.payload.total, "


def test_a_mail_on_the_way_of_the_event_may_name_what_that_event_says(paid):
    flow = make_flow(
        wait_event(paid, next_key="thanks", else_key="end"),
        send(receipt(), key="thanks"),
        {"kind": "exit", "key": "end"},
    )

    assert publish(flow=flow).number == 1


@pytest.mark.parametrize(
    "steps",
    [
        lambda paid: [wait_event(paid), send(receipt(), key="thanks")],
        lambda paid: [
            wait_event(paid, next_key="end", else_key="thanks"),
            send(receipt(), key="thanks"),
            {"kind": "exit", "key": "end"},
        ],
        lambda paid: [send(receipt(), key="thanks"), wait_event(paid)],
    ],
    ids=["both ways lead there", "the time was over", "before the wait"],
)
def test_publishing_refuses_what_is_not_sure_to_be_known(paid, steps):
    assert faults_of(make_flow(*steps(paid))) == [("thanks", NEEDS + UNSURE)]


def test_what_not_every_event_says_that_may_have_been_awaited_is_refused(paid):
    shipped = make_event_type(name="Shipped", schema={"properties": {"parcel": {}}})
    flow = make_flow(
        {"kind": "split", "options": {"shares": {"a": 1, "b": 1}}},
        wait_event(paid, key="a", next_key="thanks", else_key="end"),
        wait_event(shipped, key="b", next_key="thanks", else_key="end"),
        send(receipt(), key="thanks"),
        {"kind": "exit", "key": "end"},
    )

    assert faults_of(flow) == [("thanks", f"{NEEDS}which “Shipped” does not have.")]


def test_a_mail_that_can_do_without_may_be_on_any_way(paid):
    assert publish(flow=make_flow(wait_event(paid), send(receipt(missing="default")))).number == 1


@pytest.mark.parametrize("fields", ["entry_rule", "goal_rule"])
def test_who_enters_and_what_ends_a_walk_know_of_nothing_awaited(paid, fields):
    rule = {"field": "awaited.payload.total", "op": "gte", "value": 5}

    [(where, message)] = faults_of(make_flow(wait_event(paid), **{fields: rule}))

    assert where == ""
    assert message.endswith(f"he rule asks for awaited.payload.total, {UNSURE}")


def test_the_condition_of_the_next_wait_may_compare_with_the_one_before(paid):
    rule = {"field": "awaited.payload.total", "op": "gte", "value": 5}
    second = wait_event(paid, key="again", rule=rule)

    assert publish(flow=make_flow(wait_event(paid, else_key="end"), second, {"kind": "exit", "key": "end"})).number == 1
    assert faults_of_steps(make_flow(second)) == ["again"]


def faults_of_steps(flow):
    return [fault.step_key for fault in look_at(flow).faults]


def test_it_takes_one_statement_however_many_steps_know_of_it(paid):
    rule = {"field": "awaited.payload.total", "op": "gte", "value": 5}

    def statements(*steps):
        flow = make_flow(*steps, {"kind": "exit", "key": "end"})
        with CaptureQueriesContext(connection) as captured:
            assert look_at(flow).faults == []
        return len(captured)

    asks = [{"kind": "branch", "rule": rule} for _ in range(5)]
    waits = wait_event(paid, else_key="end")
    assert statements(waits, *asks) == statements(waits)
