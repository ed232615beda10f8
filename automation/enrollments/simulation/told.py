"""What a simulation tells, line by line."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from automation.core.json import JsonObject
from automation.enrollments.simulation.mail import Mail


class About(StrEnum):
    FAULT = "fault"  # Of the draft. Of a step that the walk comes to: it ends there.
    ENTRY = "entry"
    ADDRESS = "address"  # Whether it may be mailed today.
    STEP = "step"
    LATE = "late"  # Only now does a wait end that was over long ago.
    UNHEARD = "unheard"  # What was to happen here does not let the step go on, as its sample is.
    MAIL = "mail"
    END = "end"


class Told(NamedTuple):
    """One thing that would come to pass. `said`: a code, or words of a fault; `seen`: the values behind it."""

    about: About
    said: str
    seen: JsonObject
    at: datetime
    zone: str  # Whose clock counts for the contact then.
    step_key: str = ""
    good: bool = True
    until: datetime | None = None  # Of a step that waits.
    skip_after: timedelta | None = None  # Of the same: if it ends later by more than this, mails are passed over.
    mail: Mail | None = None
