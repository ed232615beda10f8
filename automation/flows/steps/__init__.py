"""The kinds of step. A kind is one module here, entered in this table; nothing else knows how many there are."""

from automation.flows.steps import (
    branch,
    hook,
    leave,
    send,
    split,
    switch,
    update,
    wait,
    wait_date,
    wait_event,
    wait_time,
    wait_until,
)
from automation.flows.steps.base import Config, Heard, Move, StepKind
from automation.flows.steps.options import Field, Type

_MODULES = (
    *(send, wait, wait_time, wait_date, wait_event, wait_until),
    *(branch, switch, split, update, hook, leave),
)
KINDS: dict[str, StepKind] = {module.KIND.name: module.KIND for module in _MODULES}

__all__ = ["KINDS", "Config", "Field", "Heard", "Move", "StepKind", "Type"]
