"""Claim: take due messages for sending, after asking for each whether it may be sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from automation.core import sql
from automation.core.lanes import Lane
from automation.delivery.envelope import Envelope, envelopes
from automation.delivery.marks import Claim
from automation.delivery.models import EspAccount, Message
from automation.delivery.providers import key_outlives
from automation.flows.models import Flow
from suppression.address import InvalidAddress, hash_address
from suppression.policy import Addressee, Verdict, check_many

# How long a worker may take from the claim to the settled result. Shorter than the wait for a free thread plus a
# call's time-outs, and messages of a living worker are taken for lost; longer, and a dead one's lie that much longer.
LEASE = timedelta(seconds=settings.DELIVERY_LEASE_S)
# A paused flow's messages are looked at again after this time. Longer, and they go out later after it is resumed.
HOLD = timedelta(seconds=60)

Status = Message.Status


class Claimed(NamedTuple):
    """A message that may be sent now, by whoever holds this claim, with all that building it needs."""

    claim: Claim
    envelope: Envelope
    attempt: int  # Counts from 1.
    uncertain_at: datetime | None  # Since when an earlier attempt's outcome is unknown.


class Refusal(NamedTuple):
    """Why a due message is not sent now, and what becomes of it instead."""

    status: Message.Status
    reason: str = ""
    hold: bool = False


class Claims(NamedTuple):
    due: int  # Rows found, refused ones included. Fewer than asked for: no more are due now.
    claimed: list[Claimed]


@transaction.atomic
def claim(*, account: EspAccount, lane: Lane, limit: int, epoch: int | None) -> Claims:
    """Take up to `limit` due messages for sending. Of any racing callers, each row goes to exactly one.

    Policy is asked here, in the transaction that moves the rows: an opt-out committed before this one is obeyed.
    What is refused is settled here and not returned. The number of statements does not depend on `limit`. `epoch`
    is that of the begin marks (`marks.epoch()`), asked just before.
    """
    at = timezone.now()
    due = list(Message.objects.lock_due(account, lane, at, limit))
    refusals: dict[Message, Refusal] = {}
    addressees: dict[Message, Addressee] = {}
    for message in due:
        if refusal := _refused_by_itself(message, account, at):
            refusals[message] = refusal
            continue
        try:
            addressees[message] = Addressee(hash_address(message.to_email), message.topic_id)
        except InvalidAddress as error:
            refusals[message] = Refusal(Status.FAILED, f"invalid_address: {error.reason}")
    verdicts = zip(addressees, check_many(list(addressees.values()), at=at), strict=True)
    refusals |= {message: _withhold(message, verdict) for message, verdict in verdicts if not verdict.allowed}
    _settle_refused(refusals, at)
    granted = [message for message in due if message not in refusals]
    _lease(granted, epoch)
    claimed = [
        Claimed(
            claim=Claim(message.pk, message.fence + 1, epoch),
            envelope=envelope,
            attempt=message.attempts + 1,
            uncertain_at=message.uncertain_at,
        )
        for message, envelope in zip(granted, envelopes(granted, addressees), strict=True)
    ]
    return Claims(len(due), claimed)


def _refused_by_itself(message: Message, account: EspAccount, at: datetime) -> Refusal | None:
    """What speaks against sending that needs no other table."""
    flow_status: str | None = message.flow_status  # type: ignore[attr-defined]  # Joined by lock_due.
    if flow_status == Flow.Status.PAUSED:
        return Refusal(Status.QUEUED, hold=True)
    if message.uncertain_at and not key_outlives(account.provider, message.uncertain_at, at):
        return Refusal(Status.UNCERTAIN, "idempotency_key_expired")
    if flow_status == Flow.Status.ARCHIVED and not message.uncertain_at:
        return Refusal(Status.WITHHELD, "flow_archived")
    return None


def _withhold(message: Message, verdict: Verdict) -> Refusal:
    """A message that the ESP may already have cannot be called withheld."""
    return Refusal(Status.UNCERTAIN if message.uncertain_at else Status.WITHHELD, verdict.reason)


def _settle_refused(refusals: dict[Message, Refusal], at: datetime) -> None:
    sql.update(
        Message,
        [
            {
                "id": message.pk,
                "status": refusal.status.value,
                "reason": refusal.reason,
                "due_at": at + HOLD if refusal.hold else message.due_at,
            }
            for message, refusal in refusals.items()
        ],
    )


def _lease(messages: Sequence[Message], epoch: int | None) -> None:
    if messages:
        with connection.cursor() as cursor:
            cursor.execute(_LEASE, [LEASE.total_seconds(), epoch, [message.pk for message in messages]])


# By the database's clock, as the reaper measures it: workers' clocks may differ.
_LEASE = """
UPDATE automation_message
SET status = 'sending', fence = fence + 1, lease_until = now() + make_interval(secs => %s), claimed_at = now(),
    marks_epoch = %s::bigint, call_begun = FALSE
WHERE id = ANY(%s::uuid[])
"""
