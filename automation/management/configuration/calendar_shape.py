"""The shape of what a configuration file says about hours, frequency caps, rollouts and holdouts."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from automation import models
from automation.flows.models import Weekday

DayName = StrEnum("DayName", {day.name: day.name.lower() for day in Weekday})  # type: ignore[misc]  # Of Weekday.


def default(model: type[Any], name: str) -> Any:
    return model._meta.get_field(name).get_default()


class Between(Struct):
    begins: time = field(name="from")
    ends: time = field(name="until")


class SendWindow(Struct):
    """Either both times, or weekdays alone."""

    begins: time | None = field(name="from", default=None)
    ends: time | None = field(name="until", default=None)
    weekdays: list[DayName] = []


class Conversion(Struct):
    event: str
    within: timedelta = default(models.Flow, "conversion_within")


class HeldOut(Struct):
    percent: float
    since: Annotated[datetime, Meta(tz=True)] | None = None


class HouseRules(Struct):
    time_zone: str = ""
    quiet_hours: Between | None = None
    holdout: HeldOut | None = None


class FrequencyCap(Struct):
    limit: int | None = None  # Left out: no cap.
    within: timedelta = default(models.FrequencyCap, "period")
    topic: str = ""
    lane: Literal["", "triggered", "bulk"] = ""
    patience: timedelta = default(models.FrequencyCap, "patience")
    enabled: bool = True
