from datetime import timedelta

from automation.management.configuration.shape import Branch, Exit, Question, Send, Wait
from automation.management.configuration.steps import step_keys

DAY = timedelta(days=1)


def test_a_step_is_named_by_what_it_does():
    steps = [Send("Welcome"), Wait(DAY), Branch(Question({})), Exit(None)]

    assert step_keys(steps) == ["send-welcome", "wait", "branch", "exit"]


def test_steps_that_do_the_same_are_numbered():
    steps = [Send("tips"), Wait(DAY), Send("tips"), Wait(DAY), Send("tips")]

    assert step_keys(steps) == ["send-tips", "wait", "send-tips-2", "wait-2", "send-tips-3"]


def test_a_key_that_somebody_chose_is_left_to_that_step():
    steps = [Wait(DAY), Wait(DAY, key="wait"), Wait(DAY, key="wait-3"), Wait(DAY)]

    assert step_keys(steps) == ["wait-2", "wait", "wait-3", "wait-4"]


def test_a_new_step_leaves_the_keys_of_the_others_alone():
    before = step_keys([Send("welcome"), Wait(DAY), Send("tips")])

    after = step_keys([Send("welcome"), Send("offer"), Wait(DAY), Send("tips")])

    assert set(before) < set(after)
