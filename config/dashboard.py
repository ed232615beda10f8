"""The admin's first page: what waits, since when, and what needs a person. It asks partial indexes only.

Each figure is counted no further than LIMIT, so that a backlog of millions costs no more than one of thousands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from automation.admin import rates
from automation.admin.tables import Table, when
from automation.core.lanes import Lane
from automation.delivery.models import EspAccount, Message, WarmupPlan
from automation.enrollments.models import Enrollment
from automation.events.models import Event
from automation.flows.models import Flow
from automation.hooks.models import HookCall
from automation.segments.models import Segment, SegmentCheck
from config.sidebar import may_look
from webhooks.models import InboxEvent

LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Card:
    """Rows that need a person, if there are any."""

    title: str
    count: int
    model: type[Model]
    chosen: str  # Of the model's list, as its URL says it.
    note: str

    @property
    def shown(self) -> str:
        return up_to_limit(self.count)

    @property
    def url(self) -> str:
        return (
            f"{reverse(f'admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist')}?{self.chosen}"
        )


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds to unfold's context of the index page. A constant number of statements."""
    at = timezone.now()
    cards = [card for card in _cards() if may_look(request, card.model._meta.label_lower)]
    return context | {"title": "Overview", "cards": cards, "tables": [_waiting(at), rates.of_accounts()]}


def up_to_limit(count: int) -> str:
    return f"{count:,}" if count <= LIMIT else f"over {LIMIT:,}"


def _cards() -> list[Card]:
    failed = Message.objects.filter(status=Message.Status.FAILED)
    uncertain = Message.objects.filter(status=Message.Status.UNCERTAIN)
    events = Event.objects.filter(status=Event.Status.SET_ASIDE)
    # By flow, since the index begins with it.
    flow_ids = list(Flow.objects.values_list("pk", flat=True))
    enrollments = Enrollment.objects.filter(flow__in=flow_ids, status=Enrollment.Status.SET_ASIDE)
    reports = InboxEvent.objects.filter(status=InboxEvent.Status.SET_ASIDE)
    accounts = EspAccount.objects.filter(status=EspAccount.Status.PAUSED)
    broken = EspAccount.objects.filter(status=EspAccount.Status.ACTIVE, trips__gt=0)
    flows = Flow.objects.filter(status=Flow.Status.PAUSED)
    frozen = WarmupPlan.objects.filter(status=WarmupPlan.Status.FROZEN)
    calls = HookCall.objects.filter(status=HookCall.Status.SET_ASIDE)
    checks = SegmentCheck.objects.set_aside()
    aside = "status__exact=set_aside"
    return [
        Card(
            "Failed messages", _count(failed), Message, "status__exact=failed", "could not be sent; can be sent again"
        ),
        Card(
            "Uncertain messages", _count(uncertain), Message, "status__exact=uncertain", "the ESP may have taken them"
        ),
        Card("Paused accounts", _count(accounts), EspAccount, "status__exact=paused", "their messages wait"),
        Card(
            "Open breakers", _count(broken), EspAccount, "status__exact=active&trips__gt=0", "the ESP does not answer"
        ),
        Card("Paused flows", _count(flows), Flow, "status__exact=paused", "nobody enters, nobody moves on"),
        Card("Frozen warm-ups", _count(frozen), WarmupPlan, "status__exact=frozen", "only transactional mail goes out"),
        Card("Events set aside", _count(events), Event, aside, "deciding on them kept failing"),
        Card("Enrollments set aside", _count(enrollments), Enrollment, aside, "a step kept failing"),
        Card("Segments in doubt", _count(checks), Segment, "set_aside=yes", "asking who is in them kept failing"),
        Card("Calls set aside", _count(calls), HookCall, aside, "the called service did not take them"),
        Card("ESP reports set aside", _count(reports), InboxEvent, aside, "they could not be understood"),
    ]


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: LIMIT + 1].count()


def _waiting(at: datetime) -> Table:
    queues = [
        ("Events to decide on", *_backlog(Event.objects.due(at))),
        ("Enrollments to move on", *_backlog(Enrollment.objects.due(at, scheduled=False))),
        ("Enrollments of schedules to move on", *_backlog(Enrollment.objects.due(at, scheduled=True))),
        *_lanes(at),
        ("Reports of ESPs to read", *_backlog(InboxEvent.objects.due(at))),
    ]
    return Table(
        "What waits for a worker",
        ["Queue", "Due now", "Oldest, due"],
        [[name, up_to_limit(count), when(oldest) if count else "-"] for name, count, oldest in queues],
        empty="",
        note="Normally these are close to nothing. What grows old here waits for workers, or for an account's pace.",
    )


def _backlog(due: QuerySet[Any]) -> tuple[int, datetime | None]:
    """`due` is ordered by `due_at`, as its pump's index is."""
    return _count(due), due.values_list("due_at", flat=True).first()


def _lanes(at: datetime) -> Iterable[tuple[str, int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_LANES, {"lanes": Lane.values, "at": at, "limit": LIMIT + 1})
        for lane, count, oldest in cursor.fetchall():
            yield f"Messages to send: {lane}", count, oldest


# The index begins with the account, so it is probed once for each account and lane.
_LANES = """
SELECT lane, coalesce(sum(due.count), 0)::bigint, min(due.oldest)
FROM unnest(%(lanes)s::text[]) WITH ORDINALITY AS lanes (lane, place)
LEFT JOIN automation_espaccount AS account ON TRUE
LEFT JOIN LATERAL (
    SELECT count(*), min(due_at) AS oldest
    FROM (
        SELECT due_at FROM automation_message AS m
        WHERE m.account_id = account.id AND m.lane = lanes.lane AND m.status = 'queued' AND m.due_at <= %(at)s
        ORDER BY due_at
        LIMIT %(limit)s
    ) AS first
) AS due ON TRUE
GROUP BY lane, place
ORDER BY place
"""
