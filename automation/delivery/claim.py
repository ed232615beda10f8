"""Claim: take due messages for sending, after asking for each whether it may be sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from automation.core import sql
from automation.core.lanes import Lane
from automation.delivery.batch import most_together
from automation.delivery.envelope import Envelope, envelopes
from automation.delivery.marks import Claim
from automation.delivery.models import EspAccount, Message
from automation.delivery.questions import Refusal, ask
from automation.delivery.warmup.admit import admit

# How long a worker may take from the claim to the settled result. Shorter than the wait for a free thread plus a
# call's time-outs, and messages of a living worker are taken for lost; longer, and a dead one's lie that much longer.
LEASE = timedelta(seconds=settings.DELIVERY_LEASE_S)

UNCERTAIN = Message.Status.UNCERTAIN


class Claimed(NamedTuple):
    """A message that may be sent now, by whoever holds this claim, with all that building it needs."""

    claim: Claim
    envelope: Envelope
    attempt: int  # Counts from 1.
    uncertain_at: datetime | None  # Since when an earlier attempt's outcome is unknown.
    unknown_since: datetime | None = None  # The same, even if it was queued again in spite of that.
    first_tried_at: datetime | None = None  # Since when it has been tried in vain.


class Claims(NamedTuple):
    due: int  # Rows found, refused ones included. Fewer than asked for: no more are due now.
    claimed: list[Claimed]


@transaction.atomic
def claim(*, account: EspAccount, lane: Lane, limit: int, epoch: int | None) -> Claims:
    """Take up to `limit` due messages for sending. Of any racing callers, each row goes to exactly one.

    Policy is asked here, in the transaction that moves the rows: an opt-out committed before this one is obeyed.
    What is refused, or must wait for a warm-up, is settled here and not returned. The number of statements does not
    depend on `limit`. `epoch` is that of the begin marks (`marks.epoch()`), asked just before.
    """
    at = timezone.now()
    due = list(Message.objects.lock_due(account, lane, at, limit))
    refusals, addressees, consents = ask(due, {account.pk: account}, at, claiming=True)
    _settle_refused(refusals)
    granted = admit([message for message in due if message not in refusals], lane)
    _lease({message: consents[message] for message in granted}, epoch, account)
    claimed = [
        Claimed(
            claim=Claim(message.pk, message.fence + 1, epoch),
            envelope=envelope,
            attempt=message.attempts + 1,
            uncertain_at=message.uncertain_at,
            unknown_since=message.unknown_since,
            first_tried_at=message.first_tried_at,
        )
        for message, envelope in zip(granted, envelopes(granted, addressees), strict=True)
    ]
    return Claims(len(due), claimed)


def _settle_refused(refusals: dict[Message, Refusal]) -> None:
    sql.update(
        Message,
        [
            {
                "id": message.pk,
                "status": refusal.status.value,
                "reason": refusal.reason,
                "due_at": refusal.until or message.due_at,
                "capped_at": refusal.capped_at or message.capped_at,
                "uncertain_at": message.unknown_since if refusal.status == UNCERTAIN else message.uncertain_at,
            }
            for message, refusal in refusals.items()
        ],
    )


def _lease(consents: Mapping[Message, int | None], epoch: int | None, account: EspAccount) -> None:
    if consents:
        with connection.cursor() as cursor:
            ids, in_batch = [message.pk for message in consents], most_together(account) > 1
            cursor.execute(_LEASE, [LEASE.total_seconds(), epoch, in_batch, ids, list(consents.values()), ids])


# By the database's clock, as the reaper measures it: workers' clocks may differ.
_LEASE = """
UPDATE automation_message AS m
SET status = 'sending', consent_id = granted.consent_id, fence = fence + 1,
    lease_until = now() + make_interval(secs => %s), claimed_at = now(), marks_epoch = %s::bigint,
    call_begun = FALSE, in_batch = %s AND COALESCE(uncertain_at, resent_at) IS NULL
FROM unnest(%s::uuid[], %s::bigint[]) AS granted (id, consent_id)
WHERE m.id = granted.id AND m.id = ANY(%s::uuid[])
"""
