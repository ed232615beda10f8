"""Hours: when a message may go out by its contact's clock. Its flow's send window, and the quiet hours of the house.

Compose makes a message due when they allow, and each claim asks again: meanwhile the contact may have moved, the house
may have other quiet hours, and the queue may have been long.
"""

import json
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from automation.core.calendar import Window, next_open, outside
from automation.flows import send_when
from automation.flows.clock import zone_for

# What the reason of a message says that waits for them to allow it.
OUTSIDE_HOURS = "outside_hours"
NEVER_OPEN = "never_open"
# A window that the quiet hours swallow is looked at again after this time, when somebody may have changed either.
AGAIN = timedelta(hours=1)

# The house rules as text for `hours_of`, to be read along with something else; null where they ask for nothing.
HOUSE = """(
    SELECT json_build_object('zone', time_zone, 'from', quiet_from, 'until', quiet_until)::text
    FROM automation_houserules WHERE quiet_from IS NOT NULL OR time_zone <> ''
)"""
HAS_QUIET_HOURS = "EXISTS (SELECT FROM automation_houserules WHERE quiet_from IS NOT NULL)"


class Later(NamedTuple):
    """Not now, but then."""

    until: datetime
    reason: str


class Hours(NamedTuple):
    windows: tuple[Window, ...]  # Mail goes out when all of them are open.
    flow_zone: str
    house_zone: str

    def ask(self, time_zone: str, at: datetime) -> Later | None:
        """May mail to somebody in this zone go out? None: yes, at once."""
        opening = next_open(self.windows, zone_for(time_zone, self.flow_zone, self.house_zone), at)
        if opening is None:
            return Later(at + AGAIN, NEVER_OPEN)
        return Later(opening, OUTSIDE_HOURS) if opening > at else None


@lru_cache(maxsize=4096)
def hours_of(asks: str | None, house: str | None, lane: str) -> Hours | None:
    """From FlowVersion.send_when and HOUSE, as text. None: at any hour, and nobody needs to know the contact's zone."""
    asked = json.loads(asks) if asks else {}
    rules = json.loads(house) if house else {}
    windows = [window] if (window := send_when.window_of(asked)) else []
    if rules.get("from") and send_when.keeps_quiet(asked, lane):
        windows.append(outside(time.fromisoformat(rules["from"]), time.fromisoformat(rules["until"])))
    return Hours(tuple(windows), asked.get("zone", ""), rules.get("zone", "")) if windows else None
