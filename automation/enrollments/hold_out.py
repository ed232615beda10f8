"""Hold out: keep who would have entered and was left out for comparison, so that lift can be told."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from automation.core import sql
from automation.enrollments.arms import Arm
from automation.enrollments.models import Holdout
from automation.flows.models import FlowVersion

SCOPES = {Arm.HELD_OUT: Holdout.Scope.FLOW, Arm.HELD_OUT_OF_ALL: Holdout.Scope.ALL}


class HeldOut(NamedTuple):
    contact_id: int
    version: FlowVersion
    entry_key: str
    arm: Arm


def hold_out(held: Sequence[HeldOut], *, at: datetime) -> None:
    """One statement in the caller's transaction; none for nobody. A run that was held out before stays as it was."""
    rows = [
        {
            "contact_id": one.contact_id,
            "flow_id": one.version.flow_id,
            "flow_version_id": one.version.pk,
            "entry_key": one.entry_key,
            "scope": SCOPES[one.arm].value,
            "held_out_at": at,
        }
        for one in held
    ]
    sql.insert(Holdout, rows, conflict="contact_id, flow_id, entry_key")
