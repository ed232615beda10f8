"""What a simulation is about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Model

from automation.contacts.models import Contact
from automation.core.json import Facts
from automation.enrollments.simulation.draft import Compiled
from automation.enrollments.simulation.outbox import Outbox
from automation.enrollments.why import Check
from automation.events.models import Event
from automation.flows.clock import zone_for
from automation.flows.definition import Definition
from automation.flows.house_rules import HouseRules
from automation.flows.models import Flow


@dataclass(frozen=True, slots=True)
class Case:
    flow: Flow
    draft: Compiled
    contact: Contact
    event: Event | None  # None: a schedule is what enters contacts.
    address: Check  # Whether it may be mailed today.
    house: HouseRules
    outbox: Outbox
    happens: Collection[str]  # Steps at which what they wait for happens.
    late: timedelta  # By so much, the first wait that time ends comes to its end too late.

    @property
    def definition(self) -> Definition:
        return self.draft.definition

    def zone(self, facts: Facts) -> str:
        """Whose clock counts for the contact."""
        return zone_for(facts["contact"]["time_zone"], self.flow.time_zone, self.house.time_zone).key


def is_made_up(row: Model) -> bool:
    """It was typed, and is not stored."""
    return row._state.adding  # noqa: SLF001  # Django documents it.
