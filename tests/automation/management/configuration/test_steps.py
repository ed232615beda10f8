"""Steps as they are noted down, and what becomes of them."""

from datetime import timedelta

import pytest

from automation.flows.steps import KINDS
from automation.management.configuration.faults import ConfigurationInvalid, Faults
from automation.management.configuration.read import read_configuration
from automation.management.configuration.steps import step_fields, step_keys, template_of

RULE = {"field": "contact.region", "op": "eq", "value": "EU"}


def read(*steps):
    flow = {"name": "A", "trigger": "Happened", "sender": "shop", "steps": list(steps)}
    faults = Faults()
    configuration = read_configuration({"flows": {"a": flow}}, faults)
    faults.raise_if_any()
    return configuration.flows["a"].steps


def test_keys_are_made_from_what_steps_do():
    steps = read(
        {"send": "hello"},
        {"wait": "1d"},
        {"send": "hello"},
        {"branch": {"if": RULE}},
        {"branch": {"if": RULE}, "key": "eu"},
        {"wait": "1d"},
        "exit",
    )

    assert step_keys(steps) == ["send-hello", "wait", "send-hello-2", "branch", "eu", "wait-2", "exit"]


def test_made_keys_keep_clear_of_given_ones():
    steps = read({"wait": "1d"}, {"wait": "1d", "key": "wait"}, {"wait": "1d", "key": "wait-2"}, {"wait": "1d"})

    assert step_keys(steps) == ["wait-3", "wait", "wait-2", "wait-4"]


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ({"send": "hello", "next": "b"}, {"kind": "send", "next_key": "b"}),
        ({"wait": "3 days"}, {"kind": "wait", "wait_for": timedelta(days=3)}),
        (
            {"branch": {"if": RULE, "then": "a", "else": "b"}},
            {"kind": "branch", "rule": RULE, "next_key": "a", "else_key": "b"},
        ),
        ({"exit": None}, {"kind": "exit"}),
        ({"split": {"a": 50, "b": 50}}, {"kind": "split", "options": {"shares": {"a": 50, "b": 50}}}),
        (
            {"switch": {"on": "contact.language", "ways": {"de": "a"}, "else": "b"}},
            {"kind": "switch", "else_key": "b", "options": {"on": "contact.language", "ways": {"de": "a"}}},
        ),
        (
            {"wait_time": {"clock": "09:00", "weekdays": [0], "next": "b"}},
            {"kind": "wait_time", "next_key": "b", "options": {"clock": "09:00", "weekdays": [0]}},
        ),
        (
            {"wait_date": {"date": "contact.attributes.ends", "days": -3}},
            {"kind": "wait_date", "options": {"date": "contact.attributes.ends", "days": -3}},
        ),
        ({"update": {"set": {"plan": "pro"}}}, {"kind": "update", "options": {"set": {"plan": "pro"}}}),
    ],
)
def test_what_is_noted_becomes_columns_and_what_is_left_out_is_empty(step, fields):
    [read_step] = read(step)

    empty = {"wait_for": None, "rule": {}, "next_key": "", "else_key": "", "options": {}}
    assert step_fields(read_step) == empty | fields


def test_every_kind_can_be_noted():
    noted = {
        "send": "hello",
        "wait": "1d",
        "exit": None,
        "split": {"a": 1},
        "branch": {"if": RULE},
        "switch": {"on": "x"},
        "wait_event": {"event": "Paid", "at_most": "1d"},
        "wait_until": {"if": RULE, "at_most": "1d"},
        "hook": {"url": "https://example.com/", "secret_env": "HOOK"},
    }

    for name in KINDS:
        [step] = read({name: noted.get(name, {})})
        assert step_fields(step)["kind"] == name


def test_only_a_send_step_names_a_template():
    assert [template_of(step) for step in read({"send": "hello"}, {"wait": "1d"}, "exit")] == ["hello", None, None]


def test_what_a_kind_does_not_have_is_told():
    with pytest.raises(ConfigurationInvalid, match=r"wayz.*Did you mean ways"):
        read({"switch": {"on": "contact.language", "wayz": {}}})
