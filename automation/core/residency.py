"""Where a person's data may be: contacts have a region, and so may this deployment and each ESP account."""

from collections.abc import Collection
from enum import StrEnum

from django.conf import settings


class ForeignEvents(StrEnum):
    """The setting FOREIGN_EVENTS: what becomes of events of contacts whose home is elsewhere."""

    REFUSE = "refuse"  # Whoever sends them is told so.
    SET_ASIDE = "set_aside"  # Taken in, and left for a person to look at.


def is_home(region: str, homes: Collection[str]) -> bool:
    """Whether `homes` are for this region: US is for US-CA, too. No homes: for all. No region: not known. Pure."""
    return not homes or not region or any(f"{region}-".startswith(f"{home}-") for home in homes)


def is_held_here(region: str) -> bool:
    return is_home(region, settings.DEPLOYMENT_REGIONS)
