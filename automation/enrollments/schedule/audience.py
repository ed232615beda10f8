"""Audience: the contacts that a schedule is for, as a condition that PostgreSQL answers for many at once."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, TextField, Value

from automation.contacts.models import Contact
from automation.core import rules
from automation.core.json import JsonObject
from automation.core.rules.seen import Sql
from automation.core.rules.sql import CONTACT
from automation.core.rules.values import WITH_ZONE, WITHOUT_ZONE
from automation.enrollments.schedule.moments import contact_date
from automation.flows.definition import Definition
from automation.flows.models import ReEntry
from automation.flows.schedule import DAY, ROOT, Schedule
from automation.flows.triggers import Timing

_DAY = "%Y-%m-%d"


def audience(definition: Definition, segment_key: str, wall: datetime, *, at: datetime, few: bool) -> QuerySet[Contact]:
    """Contacts who would enter at `wall`, each with `told`: its date, as it was told. `few`: see `rules.condition`.

    Of those with a date and a time zone of its own, also some of the days beside it: `IS_THE_DAY` has the last word.
    """
    schedule = definition.schedule
    assert schedule is not None  # noqa: S101  # Of a flow with a schedule.
    rule = audience_rule(definition.entry_rule, segment_key)
    contacts = Contact.objects.filter(rules.condition(rule, at=at, few=few), erased_at=None)
    if not schedule.timing.is_of_contact:
        return contacts.annotate(told=Value("", output_field=TextField()))
    names = schedule.date_path.removeprefix(ROOT).split(".")
    contacts = contacts.annotate(told=CONTACT.seen(names).said)
    return contacts.filter(_about(schedule, wall))


def audience_rule(entry_rule: JsonObject, segment_key: str) -> JsonObject:
    parts = [*([{"segment": segment_key}] if segment_key else []), *([entry_rule] if entry_rule else [])]
    return {"all": parts} if len(parts) > 1 else parts[0] if parts else {}


def entry_key(definition: Definition, wall_time: str) -> str:
    return "" if definition.re_entry == ReEntry.ONCE else wall_time


def _about(schedule: Schedule, wall: datetime) -> Sql:
    """By the letters of the date alone, so that nothing that an attribute holds can raise."""
    day = contact_date(schedule, wall)
    if schedule.timing is Timing.YEARLY:
        days = [f"{day:%m-%d}", *(["02-29"] if stands_in_for_29_february(day) else [])]
        return Sql(
            "{0} ~ {1} AND substring({0}, 6, 5) = ANY({2}) AND left({0}, 4) < {3}",
            *(F("told"), Value(f"{WITH_ZONE}|{WITHOUT_ZONE}"), Value(days), Value(f"{day:%Y}")),
        )
    days = [f"{day + n * DAY:{_DAY}}" for n in (-1, 0, 1)]
    return Sql("{0} ~ {1} AND left({0}, 10) = ANY({2})", F("told"), Value(f"{WITH_ZONE}|{WITHOUT_ZONE}"), Value(days))


def stands_in_for_29_february(day: datetime) -> bool:
    return (day.month, day.day) == (2, 28) and (day + DAY).day == 1


class Placing(NamedTuple):
    """SQL that says of a contact with `told` and a moment whether its date is on the day, and its parameters."""

    sql: str
    params: tuple[Any, ...]


def is_the_day(schedule: Schedule, wall: datetime) -> Placing:
    """A date without a zone is the day that it says; an instant is on that day of the clock that counts."""
    if schedule.timing is not Timing.DATE:
        return Placing("TRUE", ())
    sql = """CASE WHEN told ~ %s THEN told::timestamptz >= day_from AND told::timestamptz < day_until
             ELSE left(told, 10) = %s END"""
    return Placing(sql, (WITH_ZONE, f"{contact_date(schedule, wall):{_DAY}}"))
