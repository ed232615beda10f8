"""Each kind of step: compiled from a draft, and run."""

from datetime import UTC, datetime, timedelta

import pytest

from automation.flows.models import Step
from automation.flows.steps import KINDS, Move

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
RULE = {"field": "contact.language", "op": "eq", "value": "de"}


def compiled(following="below", **fields):
    step = Step(key="it", **fields)
    return KINDS[step.kind].compile(step, following)


def test_there_is_a_module_for_each_kind_that_can_be_chosen():
    assert set(KINDS) == set(Step.Kind)
    assert all(kind.name == name for name, kind in KINDS.items())


def test_only_a_wait_lets_time_pass():
    assert [name for name, kind in KINDS.items() if kind.waits] == ["wait"]


@pytest.mark.parametrize(
    ("fields", "following", "ways"),
    [
        ({"kind": "send"}, "below", ["below"]),
        ({"kind": "send"}, None, [None]),
        ({"kind": "send", "next_key": "there"}, "below", ["there"]),
        ({"kind": "wait", "wait_for": timedelta(1)}, "below", ["below"]),
        ({"kind": "wait", "wait_for": timedelta(1), "next_key": "there"}, None, ["there"]),
        ({"kind": "branch"}, "below", ["below", "below"]),
        ({"kind": "branch", "next_key": "yes", "else_key": "no"}, "below", ["yes", "no"]),
        ({"kind": "branch", "next_key": "yes"}, None, ["yes", None]),
        ({"kind": "branch", "else_key": "no"}, "below", ["below", "no"]),
        ({"kind": "exit", "next_key": "ignored"}, "below", [None]),
    ],
)
def test_a_step_leads_where_it_says_and_else_to_the_step_below(fields, following, ways):
    assert KINDS[fields["kind"]].leads_to(compiled(following, **fields)) == ways


def test_a_send_step_wishes_for_a_mail_and_goes_on():
    config = compiled(kind="send", template_id=7)

    assert KINDS["send"].run(config, {}, NOW) == Move(next="below", mail=7)


@pytest.mark.parametrize("wait_for", [timedelta(seconds=1), timedelta(days=3, microseconds=1), timedelta(days=3653)])
def test_a_wait_ends_after_exactly_its_duration(wait_for):
    config = compiled(kind="wait", wait_for=wait_for)

    move = KINDS["wait"].run(config, {}, NOW)

    assert (move.next, move.due_at, move.mail) == ("below", NOW + wait_for, None)
    assert move.result == {"until": (NOW + wait_for).isoformat()}


@pytest.mark.parametrize(("language", "way"), [("de", "yes"), ("pt", "no")])
def test_a_branch_goes_by_its_rule_and_keeps_the_trace(language, way):
    config = compiled(kind="branch", rule=RULE, next_key="yes", else_key="no")

    move = KINDS["branch"].run(config, {"contact": {"language": language}}, NOW)

    assert move == Move(next=way, result={"trace": {**RULE, "seen": language, "result": way == "yes"}})


def test_an_exit_ends():
    assert KINDS["exit"].run(compiled(kind="exit"), {}, NOW) == Move(next=None)
