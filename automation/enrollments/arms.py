"""Arms: who of those who would enter a flow takes part in it. The same contacts always, by their chance.

In Python for one contact, and in SQL for a broadcast's many: both read the same list of lots.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from automation.core.chance import draw, draw_sql, prefix
from automation.flows.definition import Definition

# Of all flows together, as the flow's key of a lot; no flow is called so.
ALL = ""


class Arm(StrEnum):
    IN = "in"
    NOT_IN_ROLLOUT = "not_in_rollout"
    HELD_OUT_OF_ALL = "held_out_of_all"
    HELD_OUT = "held_out"

    @property
    def is_held_out(self) -> bool:
        """Recorded for comparison. Whoever is not in the rollout is only left alone."""
        return self in {Arm.HELD_OUT_OF_ALL, Arm.HELD_OUT}


class Lot(NamedTuple):
    """What puts a contact into `arm`: a draw below `percent`, or for a rollout one that is not."""

    arm: Arm
    flow_key: str
    purpose: str
    percent: float

    def takes(self, place: float) -> bool:
        return (place < self.percent / 100) == self.arm.is_held_out


class Placed(NamedTuple):
    """A contact's arm, and what put it there: its place in [0, 1), and the percentage of the lot."""

    arm: Arm
    place: float | None = None
    percent: float | None = None


def arm_of(contact_id: int, definition: Definition, *, held_out_of_all: float) -> Placed:
    """`held_out_of_all`: the house rules' percentage; 0 for a transactional flow."""
    for lot in _lots(definition, held_out_of_all):
        place = draw(contact_id, lot.flow_key, lot.purpose)
        if lot.takes(place):
            return Placed(lot.arm, place, lot.percent)
    return Placed(Arm.IN)


def arm_sql(contact_id: str, definition: Definition, *, held_out_of_all: float) -> tuple[str, list[bytes | float]]:
    """`arm_of` as an expression of PostgreSQL over a bigint column, whose values are those of `Arm`; and its params."""
    cases, params = [], list[bytes | float]()
    for lot in _lots(definition, held_out_of_all):
        comparison = "<" if lot.arm.is_held_out else ">="
        cases.append(f"WHEN {draw_sql(contact_id)} {comparison} %s::float8 THEN '{lot.arm}'")
        params += [prefix(lot.flow_key, lot.purpose), lot.percent / 100]
    return (f"CASE {' '.join(cases)} ELSE '{Arm.IN}' END" if cases else f"'{Arm.IN}'"), params


def _lots(definition: Definition, held_out_of_all: float) -> Iterator[Lot]:
    """Those that may put somebody aside, in their order: only who is in the rollout is held out, to be comparable."""
    if definition.rollout_percent < 100:
        yield Lot(Arm.NOT_IN_ROLLOUT, definition.flow_key, "rollout", definition.rollout_percent)
    if held_out_of_all > 0:
        yield Lot(Arm.HELD_OUT_OF_ALL, ALL, "holdout", held_out_of_all)
    if definition.holdout_percent > 0:
        yield Lot(Arm.HELD_OUT, definition.flow_key, "holdout", definition.holdout_percent)
