"""A case: one fault, done to a running stack while mail flows. The invariants are checked after it, by others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.local.services import Broker
from tests.faults.ground import Ground

REDIS: Sequence[Broker] = ("redis",)
RABBITMQ: Sequence[Broker] = ("rabbitmq",)
BOTH: Sequence[Broker] = ("redis", "rabbitmq")


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    brokers: Sequence[Broker]
    within: float  # Seconds, from the end of the fault, in which every message must have ended or be uncertain.
    short: bool  # One of the few that `make test` runs.
    do: Callable[[Ground], None]


CASES: list[Case] = []


def case(
    *, on: Sequence[Broker], within: float = 60, short: bool = False
) -> Callable[[Callable[[Ground], None]], Callable[[Ground], None]]:
    """Enter a function in the table of cases, under its own name.

    It posts events, does harm and undoes it. It says on the ground what may come of that (`may_fail`, and so on), and
    asserts that the harm hit what it was meant to hit: a fault that missed proves nothing.
    """

    def enter(do: Callable[[Ground], None]) -> Callable[[Ground], None]:
        CASES.append(Case(name=do.__name__, brokers=on, within=within, short=short, do=do))
        return do

    return enter
