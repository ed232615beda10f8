"""Walking is pure: the same steps, facts and moment give the same walk."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.enrollments.walk import EndlessWalk, Mail, walk
from automation.flows.graph import MAX_STEPS, Graph
from automation.flows.steps import KINDS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IS_PRO = {"field": "contact.plan", "op": "eq", "value": "pro"}

SEND = {"kind": "send", "template": 7}
WAIT = {"kind": "wait", "seconds": 60.0}


def walked(steps, *, start="a", visits=0, facts=None):
    return walk(steps, start=start, visits=visits, facts=facts or {}, at=NOW)


def test_it_goes_on_until_a_step_waits():
    result = walked({"a": {**SEND, "next": "b"}, "b": {**WAIT, "next": "c"}, "c": {**SEND, "next": None}})

    assert result.mails == [Mail("a", 1, 7)]
    assert (result.step_key, result.due_at, result.visits) == ("c", NOW + timedelta(seconds=60), 2)


def test_visits_count_on_from_where_it_rested():
    result = walked({"a": {**SEND, "next": None}}, visits=4)

    assert [(key, visit) for key, visit, _ in result.runs] == [("a", 5)]
    assert (result.step_key, result.due_at) == ("", None)


@pytest.mark.parametrize(("plan", "way"), [("pro", ["a", "yes"]), ("free", ["a", "no"]), (None, ["a", "no"])])
def test_a_branch_goes_one_way_and_says_what_it_saw(plan, way):
    steps = {
        "a": {"kind": "branch", "rule": IS_PRO, "next": "yes", "else": "no"},
        "yes": {"kind": "exit"},
        "no": {"kind": "exit"},
    }

    result = walked(steps, facts={"contact": {"plan": plan}})

    assert [key for key, _, _ in result.runs] == way
    assert result.runs[0][2]["trace"]["seen"] == plan


def test_a_wait_at_the_end_is_the_end():
    assert walked({"a": {**WAIT, "next": None}}).due_at is None


def test_the_longest_flow_that_may_be_published_is_walked_to_its_end():
    keys = [f"s{number}" for number in range(MAX_STEPS)]
    steps = {key: {**SEND, "next": below} for key, below in zip(keys, [*keys[1:], None], strict=True)}

    result = walked(steps, start="s0")

    assert [mail.visit for mail in result.mails] == list(range(1, MAX_STEPS + 1))
    assert result.due_at is None


def test_a_walk_without_rest_is_a_bug_and_not_a_mail_storm():
    with pytest.raises(EndlessWalk):
        walked({"a": {**SEND, "next": "a"}})


KEYS = [f"s{number}" for number in range(8)]
following = st.sampled_from([*KEYS, None])
step = st.one_of(
    st.builds(lambda following: {**SEND, "next": following}, following),
    st.builds(lambda following: {**WAIT, "next": following}, following),
    st.builds(lambda yes, no: {"kind": "branch", "rule": IS_PRO, "next": yes, "else": no}, following, following),
    st.just({"kind": "exit"}),
)


@given(st.lists(step, min_size=8, max_size=8), st.sampled_from(["pro", "free"]))
def test_every_walk_through_a_graph_without_restless_loops_comes_to_rest(configs, plan):
    steps = dict(zip(KEYS, configs, strict=True))
    leads_to = {key: KINDS[config["kind"]].leads_to(config) for key, config in steps.items()}
    if Graph("s0", steps, leads_to).restless_loops(lambda key: KINDS[steps[key]["kind"]].waits):
        return

    result = walked(steps, start="s0", facts={"contact": {"plan": plan}})

    assert len(result.runs) <= len(steps)
    assert [visit for _, visit, _ in result.runs] == list(range(1, result.visits + 1))
    assert (result.due_at is None) == (result.step_key == "")
