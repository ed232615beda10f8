"""The reaper: what becomes of messages whose worker has not reported back, and of those that stay uncertain."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from automation.core import sql
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery import marks
from automation.delivery.marks import Claim
from automation.delivery.models import Attempt, EspAccount, Message
from automation.delivery.outcomes import Outcome
from automation.delivery.settle import Settlement, decide_unknown
from automation.flows.models import UncertainPolicy

BATCH = 500
# How long the ESP's webhook has to tell what became of an uncertain message, before the flow's policy decides. ESPs
# report deliveries within minutes, deferrals within hours.
GRACE = timedelta(hours=6)

Status = Message.Status


def reap() -> int:
    """Settle expired leases, then uncertain messages whose grace is over. Returns how many were moved."""
    moved = 0
    while count := reap_leases():
        moved += count
    while count := resend_uncertain():
        moved += count
    return moved


@transaction.atomic
def reap_leases(*, limit: int = BATCH) -> int:
    """A claim that ran out with no result: back to `queued` if its call surely never began, else unknown.

    A constant number of statements. Safe beside the worker that still holds the claim: whoever sets the begin mark
    first wins, and what that worker settles later still counts where it knows better.
    """
    expired = list(
        Message.objects.lease_expired().select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
    )
    if not expired:
        return 0
    at = timezone.now()
    claims = {Claim(m.pk, m.fence, m.marks_epoch): m for m in expired if not m.call_begun and _has_marks(m, at)}
    never_begun = {claims[claim].pk for claim in marks.revoke(list(claims))}
    accounts = EspAccount.objects.in_bulk({message.account_id for message in expired})
    settlements = {
        message: Settlement(Status.QUEUED, message.reason, due_at=at, uncertain_at=message.uncertain_at)
        if message.pk in never_begun
        else decide_unknown(
            accounts[message.account_id], message.attempts + 1, message.uncertain_at or at, at, "unknown: lease expired"
        )
        for message in expired
    }
    _write(settlements, never_begun)
    for lane in {message.lane for message in expired}:
        wake(Lane(lane).pump)
    return len(expired)


def _has_marks(message: Message, at: datetime) -> bool:
    """A claim so old that its mark may have run out counts as begun."""
    return message.claimed_at is not None and at - message.claimed_at < marks.BELIEVED


def _write(settlements: dict[Message, Settlement], never_begun: set[UUID]) -> None:
    sql.update(
        Message,
        [
            {
                "id": message.pk,
                "status": to.status.value,
                "reason": to.reason,
                "due_at": to.due_at or message.due_at,
                "uncertain_at": to.uncertain_at,
                "attempts": message.attempts + (message.pk not in never_begun),
                "lease_until": None,
            }
            for message, to in settlements.items()
        ],
    )
    at = timezone.now()
    sql.insert(
        Attempt,
        [
            {
                "message_id": message.pk,
                "number": message.attempts + 1,
                "account_id": message.account_id,
                "outcome": Outcome.UNKNOWN.value,
                "detail": "The worker did not report back.",
                "began_at": message.claimed_at or at,
                "ended_at": at,
            }
            for message in settlements
            if message.pk not in never_begun
        ],
    )


@transaction.atomic
def resend_uncertain(*, limit: int = BATCH) -> int:
    """Queue again what is still uncertain after the grace period, where the flow's policy says rather two than none."""
    over = Message.objects.filter(
        status=Status.UNCERTAIN,
        uncertain_at__lt=Now() - GRACE,
        flow_version__definition__uncertain_policy=UncertainPolicy.RESEND,
        attempts__lt=F("account__max_attempts"),
    )
    rows = list(over.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit])
    Message.objects.filter(pk__in=[message.pk for message in rows]).update(
        status=Status.QUEUED, reason="resent: still uncertain after the grace period", due_at=Now(), uncertain_at=None
    )
    for lane in {message.lane for message in rows}:
        wake(Lane(lane).pump)
    return len(rows)
