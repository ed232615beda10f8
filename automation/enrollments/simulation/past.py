"""The past as a simulated walk sees it: what is stored, and the event at hand if that is not."""

from datetime import datetime

from automation.core import rules
from automation.core.json import JsonObject
from automation.core.rules.values import duration, instant
from automation.enrollments.recall import History, recall
from automation.enrollments.simulation.case import Case, is_made_up
from automation.events.models import Event


def past(case: Case, *, at: datetime) -> History:
    """One statement for each question. Mails that the simulation itself would have sent do not count."""
    contact_id, event = case.contact.pk, case.event
    history = dict(recall([(case.definition, contact_id)], at=at)[contact_id])
    if event is None or not is_made_up(event):
        return history
    for question in case.definition.questions:
        if _counts(question.node, event, at):
            times, oldest_at = history[question.key]
            history[question.key] = rules.Answer(times + 1, min(oldest_at or event.occurred_at, event.occurred_at))
    return history


def _counts(node: JsonObject, event: Event, at: datetime) -> bool:
    """As rows of Event are counted (core/rules/records.py)."""
    if node.get("did") != event.event_type.name:
        return False
    if "within" in node and event.occurred_at <= at - duration(node["within"]):
        return False
    if "since" in node and event.occurred_at < (instant(node["since"]) or at):
        return False
    return rules.holds(node.get("where") or {}, {"event": event.facts()}, at=at)
