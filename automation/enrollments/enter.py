"""Deciding who enters which flow on an event, and why. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from automation.contacts.models import Contact
from automation.core import rules
from automation.core.json import JsonObject
from automation.core.paths import MISSING, look_up
from automation.enrollments.arms import Arm, arm_of
from automation.enrollments.recall import History
from automation.events.models import Event
from automation.flows.definition import Definition
from automation.flows.models import ReEntry

MAX_ENTRY_KEY = 200


class Verdict(StrEnum):
    ENTERED = "entered"
    ALREADY_ENTERED = "already_entered"  # The unique constraint said so.
    RULE_FALSE = "rule_false"
    TOO_OLD = "too_old"
    RE_ENTRY_TOO_SOON = "re_entry_too_soon"
    NO_ENTRY_KEY = "no_entry_key"
    NOT_IN_ROLLOUT = "not_in_rollout"
    HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    entry_key: str = ""
    seen: JsonObject | None = None  # The values that decided.
    arm: Arm = Arm.IN


def decide(
    definition: Definition,
    *,
    event: Event,
    contact: Contact,
    at: datetime,
    history: History,
    held_out_of_all: float = 0.0,
) -> Decision:
    """May this contact enter on this event? `ENTERED` still has to pass the enrollment's unique constraint.

    `held_out_of_all`: the house rules' percentage; none of a transactional flow. Lots are drawn last, so that who is
    held out is who would have entered.
    """
    age = at - event.occurred_at
    if definition.max_event_age is not None and age > definition.max_event_age:
        limit = definition.max_event_age.total_seconds()
        return Decision(Verdict.TOO_OLD, seen={"age_s": round(age.total_seconds()), "limit_s": limit})
    facts = facts_of(event, contact, history)
    trace = rules.evaluate(definition.entry_rule, facts, at=at)
    if not trace["result"]:
        return Decision(Verdict.RULE_FALSE, seen=trace)
    entry_key = _entry_key(definition, event, facts)
    if entry_key is None:
        return Decision(Verdict.NO_ENTRY_KEY, seen={"path": definition.re_entry_path})
    placed = arm_of(contact.pk, definition, held_out_of_all=held_out_of_all)
    if placed.arm is Arm.IN:
        return Decision(Verdict.ENTERED, entry_key, trace)
    verdict = Verdict.HELD_OUT if placed.arm.is_held_out else Verdict.NOT_IN_ROLLOUT
    return Decision(verdict, entry_key, {"place": placed.place, "percent": placed.percent}, placed.arm)


def facts_of(
    event: Event | None,
    contact: Contact,
    history: History,
    house_zone: str | None = "",
    awaited: Event | None = None,
) -> JsonObject:
    """What rules, templates and steps can read. No event: a schedule entered the contact. `awaited`: what has ended the
    latest wait for an event."""
    return {
        "contact_id": contact.pk,
        "contact": contact.facts(),
        "event": event.facts() if event else {},
        "awaited": awaited.facts() if awaited else {},
        "history": history,
        "house_zone": house_zone or "",  # For waits by the clock.
    }


def _entry_key(definition: Definition, event: Event, facts: JsonObject) -> str | None:
    if definition.re_entry == ReEntry.ONCE:
        return ""
    if definition.re_entry in {ReEntry.ALWAYS, ReEntry.AFTER}:  # How soon again is for re_enter.py to say.
        return str(event.pk)
    value = look_up(facts, definition.re_entry_path)
    if value is MISSING or isinstance(value, dict | list | bool) or value is None or value == "":
        return None
    key = str(value)
    return key if len(key) <= MAX_ENTRY_KEY else None
