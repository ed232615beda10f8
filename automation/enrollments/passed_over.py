"""Passed over: flows that listened to an event, but need of it what it does not hold. Told when somebody asks.

With hundreds of flows for one type of event, to keep a decision for each of them with each event would cost more than
all else. Neither versions nor events change, so what would have been kept can be worked out at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from automation.core import rules, sql
from automation.core.json import JsonObject
from automation.enrollments.enter import Verdict
from automation.enrollments.listening import Listeners
from automation.enrollments.necessary import necessary
from automation.events.models import Event
from automation.flows.models import Flow, FlowVersion


class ListeningSet(models.Model):
    """Versions that listened to a type of event at one time. One row for each set that there ever was."""

    key = models.UUIDField(primary_key=True, editable=False)  # Made of the ids of the versions: Listeners.key.
    versions = ArrayField(models.BigIntegerField())
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{len(self.versions)} versions"


_kept: set[UUID] = set()  # Known to be in the database, so that a set costs a statement once in a process.


def keep(listeners: Iterable[Listeners]) -> None:
    """Write down those sets that events will refer to. No statement, if all are known. In the caller's transaction."""
    new = {one.key: one for one in listeners if one.key not in _kept}
    rows = [
        {"key": key, "versions": [version.pk for version in new[key].versions], "since": timezone.now()}
        for key in sorted(new)
    ]
    sql.insert(ListeningSet, rows, conflict="key")
    if new:
        transaction.on_commit(lambda: _kept.update(new))


def passed_over(event: Event) -> list[JsonObject]:
    """The decisions on flows that were passed over, in the shape of `Event.decisions`. Three statements at most."""
    kept = ListeningSet.objects.filter(pk=event.listeners_key).first() if event.listeners_key else None
    if kept is None:
        return []
    asked = {decision["flow"] for decision in event.decisions}
    versions = FlowVersion.objects.filter(pk__in=kept.versions).exclude(flow__in=asked).order_by("flow")
    return [_decision(version, event) for version in versions]


def passed_over_by(flow: Flow, events: Collection[Event]) -> Mapping[UUID, JsonObject]:
    """By event, of those that passed this flow over: the same decision. Two statements, however many events."""
    kept = ListeningSet.objects.in_bulk({event.listeners_key for event in events if event.listeners_key})
    listened = {version_id for one in kept.values() for version_id in one.versions}
    versions = FlowVersion.objects.filter(flow=flow, pk__in=listened).in_bulk() if listened else {}
    return {
        event.pk: _decision(versions[version_id], event)
        for event in events
        if event.listeners_key in kept and all(decision["flow"] != flow.pk for decision in event.decisions)
        for version_id in kept[event.listeners_key].versions
        if version_id in versions
    }


def _decision(version: FlowVersion, event: Event) -> JsonObject:
    needed = necessary(version, also_by_rule=True)
    assert needed is not None  # noqa: S101  # Else it would have been asked.
    seen = rules.evaluate(needed.rule, {"contact": {}, "event": event.facts(), "history": {}}, at=event.received_at)
    return {
        "flow": version.flow_id,
        "version": version.number,
        "verdict": Verdict.RULE_FALSE,
        "entry_key": "",
        "seen": seen,
    }
