"""Verdict: a person says what became of messages that nobody knew about."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.count import Fact, count
from automation.delivery.models import Counted, Message, MessageQuerySet

log = structlog.get_logger(__name__)

# The most that one verdict is about.
LIMIT = 10_000

Status = Message.Status


@transaction.atomic
def arrived(messages: MessageQuerySet, *, because: str, asked_at: datetime) -> list[Message]:
    """Mark the uncertain ones of `messages` as sent, LIMIT at most. Returns them.

    `because`: how the person knows. A webhook that came first has settled them, and they are left alone; so are those
    that became uncertain only after `asked_at`, when the person was shown them.
    """
    rows = _rule(
        messages,
        asked_at,
        {
            "status": Status.SENT,
            "sent_at": Coalesce("sent_at", "uncertain_at"),
            "reason": f"arrived: {because}"[:200],
            "uncertain_at": None,
        },
    )
    count(Fact(Counted.ACCEPTED, row.account_id, row.sender_id, row.flow_id) for row in rows)  # type: ignore[attr-defined]
    return rows


@transaction.atomic
def did_not_arrive(messages: MessageQuerySet, *, because: str, asked_at: datetime) -> list[Message]:
    """Queue the uncertain ones of `messages` again, at the risk of a second mail. Returns them. Wakes on commit.

    As for `arrived`. Attempts begin anew. Whatever comes of them, the message is never called failed or withheld:
    the ESP may have it from before.
    """
    rows = _rule(
        messages,
        asked_at,
        {
            "status": Status.QUEUED,
            "reason": f"resent: {because}"[:200],
            "uncertain_at": None,
            "resent_at": Now(),
            "attempts": 0,
            "first_tried_at": None,
            "due_at": Now(),
        },
    )
    for lane in {row.lane for row in rows}:
        wake(Lane(lane).pump)
    return rows


def _rule(messages: MessageQuerySet, asked_at: datetime, changes: Mapping[str, object]) -> list[Message]:
    """Two statements."""
    uncertain = Message.objects.filter(
        pk__in=messages.values("pk"), status=Status.UNCERTAIN, uncertain_at__lte=asked_at
    )
    rows = list(
        uncertain.annotate(flow_id=F("flow_version__flow_id"))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .only("pk", "lane", "account_id", "sender_id")[:LIMIT]
    )
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)
    if rows:
        log.info("messages_ruled_on", status=str(changes["status"]), messages=len(rows))
    return rows
