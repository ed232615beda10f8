"""What a published flow version says, read once and kept: its JSON as values that the engine can work with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from automation.core import rules
from automation.core.json import JsonObject
from automation.flows import endings, schedule, send_when
from automation.flows.endings import Ending
from automation.flows.models import Flow, FlowVersion, LatePolicy, ReEntry
from automation.flows.schedule import Schedule
from automation.flows.triggers import TriggerKind

SHARES = ("flow_key", "rollout_percent", "holdout_percent")


@dataclass(frozen=True, slots=True)
class Definition:
    """Shape of `FlowVersion.definition`. `steps` holds, by key, what a step kind has compiled, and its `kind`."""

    entry_rule: JsonObject
    re_entry: str
    re_entry_path: str
    max_event_age: timedelta | None
    uncertain_policy: str
    start: str
    steps: Mapping[str, JsonObject]
    flow_key: str = ""  # With what follows: who takes part, by chance. Stored only if not everybody does.
    rollout_percent: float = 100.0
    holdout_percent: float = 0.0
    # What the rules of all this want to know of a contact's past; it must be known before any of them is asked.
    questions: Sequence[rules.Question] = ()
    schedule: Schedule | None = None  # Stored only where it is what enters contacts.
    re_entry_after: timedelta | None = None  # Stored only where that is what decides.
    endings: Sequence[Ending] = ()
    skip_after: timedelta | None = None  # A wait that ends later than due by so much sends no mail.

    def is_late(self, due_at: datetime, at: datetime) -> bool:
        """Everything was down, or the flow was paused, and its policy is to skip what comes so late."""
        return self.skip_after is not None and at - due_at > self.skip_after


@lru_cache(maxsize=1024)
def of_version(version: FlowVersion) -> Definition:
    """The definition of a version. Versions never change, so each is read once in a process."""
    return from_json(version.definition)


def to_json(flow: Flow, steps: Mapping[str, JsonObject], start: str) -> JsonObject:
    """What is stored for a flow whose draft steps were compiled to `steps`."""
    age = flow.max_event_age
    return {
        "entry_rule": flow.entry_rule,
        "re_entry": flow.re_entry,
        "re_entry_path": flow.re_entry_path,
        "max_event_age_s": None if age is None else age.total_seconds(),
        "uncertain_policy": flow.uncertain_policy,
        "start": start,
        "steps": dict(steps),
        **_pause(flow),
        **endings.to_json(flow),
        **_lateness(flow),
        **_shares(flow),
        **({"schedule": schedule.to_json(flow)} if flow.trigger_kind == TriggerKind.SCHEDULE else {}),
    }


def hash_of(flow: Flow, stored: JsonObject) -> str:
    """Of all that a version holds: what makes it this version and no other."""
    content: list[Any] = [flow.trigger_id, flow.lane, flow.topic_id, flow.sender_id, stored]
    if flow.trigger_key:
        content.append([flow.trigger_key])
    if asked := send_when.to_json(flow):
        content.append(asked)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def from_json(stored: JsonObject) -> Definition:
    age = stored["max_event_age_s"]
    return Definition(
        entry_rule=stored["entry_rule"],
        re_entry=stored["re_entry"],
        re_entry_path=stored["re_entry_path"],
        max_event_age=None if age is None else timedelta(seconds=age),
        uncertain_policy=stored["uncertain_policy"],
        start=stored["start"],
        steps=stored["steps"],
        **{name: stored[name] for name in SHARES if name in stored},
        questions=rules.history(
            stored["entry_rule"],
            *(step.get("rule", {}) for step in stored["steps"].values()),
            *(one["rule"] for one in stored.get("endings", ())),
        ),
        endings=endings.from_json(stored),
        skip_after=timedelta(seconds=stored["skip_after_s"]) if "skip_after_s" in stored else None,
        re_entry_after=timedelta(seconds=stored["re_entry_after_s"]) if "re_entry_after_s" in stored else None,
        schedule=schedule.from_json(stored["schedule"]) if "schedule" in stored else None,
    )


def _pause(flow: Flow) -> JsonObject:
    if flow.re_entry != ReEntry.AFTER or flow.re_entry_after is None:
        return {}
    return {"re_entry_after_s": flow.re_entry_after.total_seconds()}


def _lateness(flow: Flow) -> JsonObject:
    return {"skip_after_s": flow.late_after.total_seconds()} if flow.late_policy == LatePolicy.SKIP else {}


def _shares(flow: Flow) -> JsonObject:
    """Nothing where everybody takes part: such versions are what they were before there were shares."""
    if flow.rollout_percent == 100 and flow.holdout_percent == 0:
        return {}
    shares = (flow.key, flow.rollout_percent, flow.holdout_percent)
    return dict(zip(SHARES, shares, strict=True))
