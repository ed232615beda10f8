"""Whose clock counts for a contact: one chain for waits, send windows, schedules and simulations."""

from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Subquery

from automation.core.calendar import zone_of
from automation.core.json import Facts
from automation.flows.house_rules import HouseRules

# To annotate what is read anyway. Without house rules, null.
HOUSE_ZONE: Final = Subquery(HouseRules.objects.values("time_zone"))


def zone_for(contact: str, flow: str, house: str) -> ZoneInfo:
    """The contact's own time zone; if it is not known, the flow's; then that of the house rules; then UTC. Pure."""
    return zone_of(contact, flow, house)


def zone_in(facts: Facts, flow: str) -> ZoneInfo:
    """The same, for who walks through a flow. Pure."""
    return zone_for(str(facts["contact"].get("time_zone") or ""), flow, facts["house_zone"])
