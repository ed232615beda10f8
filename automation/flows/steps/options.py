"""What a marketer may say of a step: its fields, declared once for the admin, configuration files and publishing."""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """How a field is typed in, and what is kept of it."""

    TEMPLATE = "template"
    DURATION = "duration"
    RULE = "rule"
    STEP = "step"  # The key of another step.
    TEXT = "text"
    PATH = "path"  # Such as event.payload.plan.
    EVENT_TYPE = "event_type"  # By its name.
    CLOCK = "clock"  # HH:MM.
    WEEKDAYS = "weekdays"  # A list of 0 (Monday) to 6.
    WHOLE = "whole"  # A whole number, also below 0.
    NAMES = "names"  # A list of texts: one a line.
    PAIRS = "pairs"  # An object: “name = value”, one a line.


@dataclass(frozen=True, slots=True)
class Field:
    """`name`: as in Step.options, or the column of Step that several kinds share (COLUMNS). `said`: as in a file."""

    name: str
    said: str
    type: Type
    label: str
    help: str = ""
    required: bool = False  # Without it, a configuration file is refused before the draft is looked at.

    @property
    def is_column(self) -> bool:
        return self.name in COLUMNS


COLUMNS = {"template", "wait_for", "rule", "next_key", "else_key"}

NEXT = Field("next_key", "next", Type.STEP, "Then go to", "The name of another step. Empty: the step below.")
THEN = Field("next_key", "then", Type.STEP, "Then go to", NEXT.help)
ELSE = Field("else_key", "else", Type.STEP, "Else go to", NEXT.help)
