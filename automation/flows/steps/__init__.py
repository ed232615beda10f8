"""The kinds of step. A kind is one module here, entered in this table; nothing else knows how many there are."""

from automation.flows.steps import branch, leave, send, wait
from automation.flows.steps.base import Move, StepKind

KINDS: dict[str, StepKind] = {kind.name: kind for kind in (send.KIND, wait.KIND, branch.KIND, leave.KIND)}

__all__ = ["KINDS", "Move", "StepKind"]
