"""Ready-made days for a warm-up plan. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from math import ceil
from typing import NamedTuple


class Caps(NamedTuple):
    """How many mails may go out."""

    hourly: int
    daily: int


class Preset(StrEnum):
    SENDGRID = "sendgrid"
    TWO_WEEKS = "2_weeks"
    THREE_WEEKS = "3_weeks"
    FOUR_WEEKS = "4_weeks"


# Mails an hour on each day of SendGrid's automated IP warm-up (its documentation, “IP Warmup Schedule”), the first four
# weeks of six. It knows no cap for the day.
SENDGRID_HOURLY = [
    *(20, 28, 39, 55, 77, 108, 151),
    *(211, 295, 413, 579, 810, 1_000, 1_587),
    *(2_222, 3_111, 4_356, 6_098, 8_583, 11_953, 16_734),
    *(23_427, 32_798, 45_917, 64_284, 89_998, 125_997, 176_395),
]
_LENGTHS = {Preset.TWO_WEEKS: 14, Preset.THREE_WEEKS: 21, Preset.FOUR_WEEKS: 28}
# What SendGrid's table begins with.
FIRST_DAY = SENDGRID_HOURLY[0] * 24
# In how many hours a day's mail may go out. With fewer, its first hour looks like a burst; with 24, much of it comes
# at night.
HOURS = 10


def days(preset: Preset, *, target: int) -> Sequence[Caps]:
    """The caps of day 1, day 2 and so on. `target`: mails on the last day; SendGrid's table has one of its own."""
    if preset is Preset.SENDGRID:
        return [Caps(hourly, hourly * 24) for hourly in SENDGRID_HOURLY]
    return _growing(_LENGTHS[preset], target)


def _growing(length: int, target: int) -> Sequence[Caps]:
    """From FIRST_DAY to `target` by the same factor each day. A smaller target is allowed from the first day."""
    first = min(FIRST_DAY, target)
    factor = (target / first) ** (1 / (length - 1))
    daily = [*(round(first * factor**day) for day in range(length - 1)), target]
    return [Caps(ceil(cap / HOURS), cap) for cap in daily]
