"""The reaper: what becomes of messages whose worker has not reported back, and of those that stay uncertain."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from automation.core import sql
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery import marks
from automation.delivery.count import Fact, count
from automation.delivery.marks import Claim
from automation.delivery.models import Attempt, Counted, EspAccount, Message
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
    for step in (reap_leases, resend_uncertain):
        while some := step():
            moved += some
    return moved


@transaction.atomic
def reap_leases(*, limit: int = BATCH) -> int:
    """A claim that ran out with no result: back to `queued` if its call surely never began, else unknown.

    If a webhook has told meanwhile that the ESP took the message, only its attempt is still to be written down. A
    constant number of statements. Safe beside the worker that still holds the claim: whoever sets the begin mark
    first wins, and what that worker settles later still counts where it knows better.
    """
    expired = list(
        Message.objects.lease_expired().select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
    )
    if not expired:
        return 0
    at = timezone.now()
    proved = [message for message in expired if message.status != Status.SENDING]
    sending = [message for message in expired if message.status == Status.SENDING]
    never_begun = _never_begun(sending, at)
    lost = [message for message in sending if message.pk not in never_begun]
    accounts = EspAccount.objects.in_bulk({message.account_id for message in lost})
    _write(
        {message: Settlement(Status(message.status), message.reason) for message in proved}
        | {message: _back_to_queue(message, at) for message in sending if message.pk in never_begun}
        | {message: _lose(message, accounts[message.account_id], at) for message in lost}
    )
    sql.insert(
        Attempt,
        [_attempt(message, Outcome.UNKNOWN, "The worker did not report back.", at) for message in lost]
        + [_attempt(message, Outcome.ACCEPTED, "The ESP reported it; the worker did not.", at) for message in proved],
    )
    count(_unknown(message) for message in lost)
    for lane in {message.lane for message in sending}:
        wake(Lane(lane).pump)
    return len(expired)


def _never_begun(messages: Sequence[Message], at: datetime) -> set[UUID]:
    """Those whose call surely had not begun, and now may not any more."""
    claims = {Claim(m.pk, m.fence, m.marks_epoch): m for m in messages if not m.call_begun and _has_marks(m, at)}
    return {claims[claim].pk for claim in marks.revoke(list(claims))}


def _has_marks(message: Message, at: datetime) -> bool:
    """A claim so old that its mark may have run out counts as begun."""
    return message.claimed_at is not None and at - message.claimed_at < marks.BELIEVED


def _back_to_queue(message: Message, at: datetime) -> Settlement:
    return Settlement(Status.QUEUED, message.reason, due_at=at, uncertain_at=message.uncertain_at)


def _lose(message: Message, account: EspAccount, at: datetime) -> Settlement:
    message.attempts += 1
    since, in_batch = message.uncertain_at or at, message.in_batch
    return decide_unknown(account, message.attempts, since, at, "unknown: lease expired", in_batch=in_batch)


def _write(settlements: Mapping[Message, Settlement]) -> None:
    sql.update(
        Message,
        [
            {
                "id": message.pk,
                "status": to.status.value,
                "reason": to.reason,
                "due_at": to.due_at or message.due_at,
                "uncertain_at": to.uncertain_at,
                "attempts": message.attempts,
                "lease_until": None,
            }
            for message, to in settlements.items()
        ],
    )


def _attempt(message: Message, outcome: Outcome, detail: str, at: datetime) -> dict[str, object]:
    return {
        "message_id": message.pk,
        "number": message.attempts,
        "account_id": message.account_id,
        "outcome": outcome.value,
        "detail": detail,
        "began_at": message.claimed_at or at,
        "ended_at": at,
    }


def _unknown(message: Message) -> Fact:
    flow_id: int | None = message.flow_id  # type: ignore[attr-defined]  # Annotated by lease_expired.
    return Fact(Counted.UNKNOWN, message.account_id, message.sender_id, flow_id)


@transaction.atomic
def resend_uncertain(*, limit: int = BATCH) -> int:
    """Queue again what is still uncertain after the grace period, where the flow's policy says rather two than none.

    Once: rather two, not any number. Whoever is still uncertain after that is left to a person (verdict.py).
    """
    over = Message.objects.filter(
        status=Status.UNCERTAIN,
        uncertain_at__lt=Now() - GRACE,
        flow_version__definition__uncertain_policy=UncertainPolicy.RESEND,
        resent_at=None,
    )
    rows = list(over.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit])
    Message.objects.filter(pk__in=[message.pk for message in rows]).update(
        status=Status.QUEUED,
        reason="resent: still uncertain after the grace period",
        due_at=Now(),
        uncertain_at=None,
        resent_at=Now(),
    )
    for lane in {message.lane for message in rows}:
        wake(Lane(lane).pump)
    return len(rows)
