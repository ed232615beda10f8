"""Why, and why not: all that speaks for and against a contact being in a flow and getting its mail, in order.

From what was decided and kept: nothing is decided anew but what holds today (the last check). So it also answers for
those who never entered.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from automation.contacts.models import Contact
from automation.core.json import JsonObject
from automation.core.residency import is_held_here, is_home
from automation.delivery.models import EspAccount, Message
from automation.delivery.questions import RESIDENCY
from automation.delivery.routes import Mail, read_routing
from automation.enrollments.models import Enrollment, Holdout, StepRun
from automation.enrollments.passed_over import passed_over_by
from automation.events.models import Event
from automation.flows.models import Flow
from suppression.address import InvalidAddress
from suppression.policy import Addressee, check_many

# Of events, enrollments and messages, so many of the latest are told of.
LATEST = 20
# Who is where it should be.
_WELL = {Enrollment.Status.ACTIVE, Enrollment.Status.COMPLETED, Enrollment.Status.GOAL_REACHED}

# What is said of an event of which nothing has been decided.
_UNDECIDED: dict[str, str] = {Event.Status.NEW: "waiting", Event.Status.SET_ASIDE: "set_aside"}


class About(StrEnum):
    FLOW = "flow"  # Its status, and who paused it.
    TRIGGER = "trigger"  # Nothing has happened that it listens to.
    ENTRY = "entry"  # What was decided on one event.
    HOLDOUT = "holdout"  # A schedule would have entered it.
    ENROLLMENT = "enrollment"  # Where the contact is in it.
    STEP = "step"  # The last step run.
    MESSAGE = "message"  # What became of a mail.
    ADDRESS = "address"  # Whether it may be mailed today.


class Check(NamedTuple):
    """One thing that was looked at. `said` is a code: a status, verdict or reason; `seen` are the values behind it."""

    about: About
    good: bool  # It speaks for getting mail, or at least not against it.
    said: str
    seen: JsonObject
    at: datetime | None = None
    id: str = ""  # Of the event, enrollment or message.


def why(contact: Contact, flow: Flow, *, at: datetime) -> list[Check]:
    """A constant number of statements."""
    enrollments = list(contact.enrollments.filter(flow=flow).order_by("-entered_at")[:LATEST])
    return [
        _flow(flow),
        *_entries(contact, flow),
        *_held_out(contact, flow),
        *_enrollments(enrollments),
        *_messages(contact, flow),
        may_be_mailed(contact, flow, at=at),
    ]


def _flow(flow: Flow) -> Check:
    seen = {"paused_by": flow.paused_by, "reason": flow.paused_reason} if flow.status == Flow.Status.PAUSED else {}
    return Check(About.FLOW, flow.status == Flow.Status.LIVE, flow.status, seen, flow.paused_at)


def _entries(contact: Contact, flow: Flow) -> Iterator[Check]:
    """By what entered the flow when the events came: the draft may listen to something else by now."""
    trigger = flow.live_version.trigger if flow.live_version else None
    if trigger is None:
        return
    events = list(contact.events.filter(event_type=trigger).order_by("-occurred_at")[:LATEST])
    if not events:
        yield Check(About.TRIGGER, False, "not_triggered", {"event_type": trigger.name})
    others = passed_over_by(flow, events)
    for event in events:
        kept = (one for one in event.decisions if one["flow"] == flow.pk)
        decision = next(kept, None) or others.get(event.pk)
        said = decision["verdict"] if decision else _UNDECIDED.get(event.status, "did_not_listen")
        seen = (decision["seen"] or {}) if decision else _failure(event)
        yield Check(About.ENTRY, said in {"entered", "waiting"}, said, seen, event.occurred_at, str(event.pk))


def _failure(event: Event) -> JsonObject:
    """The kind of it: what follows may repeat the person's values."""
    return {"failure": event.failure.partition(":")[0]} if event.failure else {}


def _held_out(contact: Contact, flow: Flow) -> Iterator[Check]:
    for one in Holdout.objects.filter(contact=contact, flow=flow).order_by("-held_out_at")[:LATEST]:
        yield Check(About.HOLDOUT, False, f"held_out_{one.scope}", {"entry_key": one.entry_key}, one.held_out_at)


def _enrollments(enrollments: Sequence[Enrollment]) -> Iterator[Check]:
    runs = StepRun.objects.filter(enrollment__in=enrollments).order_by("enrollment", "-visit").distinct("enrollment")
    latest = {run.enrollment_id: run for run in runs}
    for one in enrollments:
        seen = {"step": one.step_key, "due_at": one.goes_on_at and one.goes_on_at.isoformat(), "failure": one.failure}
        told = {name: value for name, value in seen.items() if value}
        yield Check(About.ENROLLMENT, one.status in _WELL, one.status, told, one.entered_at, str(one.pk))
        if one.pk in latest:
            run = latest[one.pk]
            yield Check(About.STEP, True, run.step_key, run.result, run.ran_at, str(one.pk))


def _messages(contact: Contact, flow: Flow) -> Iterator[Check]:
    bad = {Message.Status.WITHHELD, Message.Status.FAILED, Message.Status.BOUNCED, Message.Status.COMPLAINED}
    rows = contact.messages.filter(flow_version__flow=flow).order_by("-created_at")
    for one in rows.only("status", "reason", "step_key", "created_at", "due_at")[:LATEST]:
        seen = {"reason": one.reason, "step": one.step_key, "due_at": one.due_at.isoformat()}
        yield Check(About.MESSAGE, one.status not in bad, one.status, seen, one.created_at, str(one.pk))


def may_be_mailed(contact: Contact, flow: Flow, *, at: datetime) -> Check:
    """As the claim will ask, at the account that its mail would go through now. `not_by` in what was seen: of all that
    it may go through, those that must not mail this contact."""
    now, *others = _accounts(contact, flow)
    abroad = [one for one in (now, *others) if not is_home(contact.region, one.homes)]
    seen: JsonObject = {"not_by": [one.key for one in abroad]} if abroad else {}
    if now in abroad or not is_held_here(contact.region):
        return Check(About.ADDRESS, False, RESIDENCY, seen, at)
    try:
        asked = Addressee.of(contact.email, flow.topic_id, contact.region)
    except InvalidAddress as error:
        return Check(About.ADDRESS, False, "invalid_address" if contact.email else "no_address", {"why": error.reason})
    [verdict] = check_many([asked], at=at)
    return Check(About.ADDRESS, verdict.allowed, verdict.reason or "allowed", seen, at)


def _accounts(contact: Contact, flow: Flow) -> list[EspAccount]:
    """All that the flow's mail to this contact may go through, the one that it would go through now first."""
    mail = Mail(flow.lane, flow.topic_id, flow.sender_id, contact.region)
    reach = read_routing().reach(mail)
    accounts = EspAccount.objects.in_bulk(reach)
    return [accounts[key] for key in reach] or [flow.sender.account]
