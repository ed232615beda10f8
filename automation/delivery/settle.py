"""Settle: write down what came of calls. A result counts only under the fencing number that its claim was given."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from automation.core.json import JsonObject
from automation.delivery.count import adding
from automation.delivery.models import Counted, EspAccount, Message
from automation.delivery.outcomes import Outcome
from automation.delivery.providers import key_outlives
from automation.delivery.send import Result
from suppression.models import Reason
from suppression.suppress import Entry, suppress_many

# The longest pause between two attempts. With full jitter, the mean is half of it.
MAX_BACKOFF = timedelta(hours=1)
# How long a message is tried at least that is itself not at fault, since its ESP cannot be reached or asks us to slow
# down. Shorter, and a long outage leaves dead letters; longer, and stale mail goes out.
PERSIST = timedelta(days=1)

Status = Message.Status


class Settlement(NamedTuple):
    """What becomes of the message. Decided without the database."""

    status: Message.Status
    reason: str = ""
    due_at: datetime | None = None
    sent_at: datetime | None = None
    uncertain_at: datetime | None = None
    first_tried_at: datetime | None = None


def decide(one: Result, account: EspAccount) -> Settlement:
    """The error table's right-hand column (design §3). Pure but for the jitter."""
    result, attempt = one.result, one.claimed.attempt
    reason = f"{result.outcome}: {result.detail}"[:200]
    if result.outcome is Outcome.ACCEPTED:
        return Settlement(Status.SENT, sent_at=one.ended_at)
    if result.outcome is Outcome.UNKNOWN:
        since = one.claimed.uncertain_at or one.began_at
        return decide_unknown(account, attempt, since, one.ended_at, reason, in_batch=one.in_batch)
    if result.outcome is Outcome.REJECTED:
        return _give_up(one, reason)
    if result.outcome is Outcome.ACCOUNT:
        return _try_again(one, reason, one.ended_at)  # The account is paused; nothing is lost.
    first_tried_at = one.claimed.first_tried_at or one.began_at
    if attempt >= account.max_attempts and one.ended_at - first_tried_at >= PERSIST:
        return _give_up(one, f"attempts_exhausted: {reason}"[:200])
    return _try_again(one, reason, _next_try(one, account))._replace(first_tried_at=first_tried_at)


def decide_unknown(
    account: EspAccount, attempt: int, unknown_since: datetime, at: datetime, reason: str, *, in_batch: bool
) -> Settlement:
    """Uncertain, unless the ESP lets us ask again under the message's own idempotency key. In a batch it had none."""
    if not in_batch and attempt < account.max_attempts and key_outlives(account.provider, unknown_since, at):
        due_at = backoff(account, attempt, at)
        return Settlement(Status.QUEUED, reason, due_at=due_at, uncertain_at=unknown_since)
    return Settlement(Status.UNCERTAIN, reason, uncertain_at=unknown_since)


def _try_again(one: Result, reason: str, due_at: datetime) -> Settlement:
    """Queued, and no wiser about an earlier attempt that may have been taken."""
    return Settlement(Status.QUEUED, reason, due_at=due_at, uncertain_at=one.claimed.uncertain_at)


def _next_try(one: Result, account: EspAccount) -> datetime:
    """When the ESP says; but an ESP that says “in a second” all day long is asked ever more seldom."""
    asked_for, attempt = one.result.retry_at, one.claimed.attempt
    due_at = backoff(account, attempt, one.ended_at)
    if asked_for is None:
        return due_at
    return asked_for if attempt < account.max_attempts else max(asked_for, due_at)


def _give_up(one: Result, reason: str) -> Settlement:
    """Failed, unless an earlier attempt may have been taken: that this one was not does not make the message failed."""
    if unknown_since := one.claimed.unknown_since:
        return Settlement(Status.UNCERTAIN, reason, uncertain_at=unknown_since)
    return Settlement(Status.FAILED, reason)


def backoff(account: EspAccount, attempt: int, at: datetime) -> datetime:
    """Exponential, with full jitter (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter)."""
    first = timedelta(milliseconds=account.backoff_ms)
    longest = min(MAX_BACKOFF, first * 2.0 ** min(attempt - 1, 20))
    return at + longest * uniform(0, 1)  # noqa: S311


@transaction.atomic
def settle(results: Sequence[Result], account: EspAccount) -> None:
    """Write results and their attempts down, and count them, with one statement.

    A message moves only if it still is `sending` or was taken for lost (`uncertain`) under the same fence. So a slow
    worker cannot overwrite its successor, and what a webhook told meanwhile stands. Attempts are kept in any case.
    """
    rows = [_row(one, decide(one, account)) for one in results]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [msgspec.json.encode(rows).decode(), account.pk, account.pk])
    refused = [one for one in results if one.result.address_refused]
    suppress_many([_refused_entry(one, account) for one in refused], at=timezone.now())


def _refused_entry(one: Result, account: EspAccount) -> Entry:
    """An address that the ESP itself refuses would be refused again, and each time cost reputation."""
    return Entry(
        address_hash=one.claimed.envelope.address_hash,
        reason=Reason.HARD_BOUNCE,
        source=f"refused by ESP account {account.key}",
        evidence={"message_id": str(one.claimed.claim.message_id), "detail": one.result.detail},
    )


def _row(one: Result, to: Settlement) -> JsonObject:
    claim, result = one.claimed.claim, one.result
    return {
        "id": claim.message_id,
        "fence": claim.fence,
        "attempt": one.claimed.attempt,
        # An account that is refused says nothing about the message: it does not come nearer to its last attempt.
        "attempts": one.claimed.attempt - (result.outcome is Outcome.ACCOUNT),
        "status": to.status,
        "reason": to.reason,
        "due_at": to.due_at,
        "sent_at": to.sent_at,
        "uncertain_at": to.uncertain_at,
        "first_tried_at": to.first_tried_at,
        "esp_message_id": result.esp_message_id,
        "outcome": result.outcome,
        "status_code": result.status_code,
        "detail": result.detail,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
    }


# Rows are locked in the order of their ids, as the digest pump does, so that the two cannot deadlock. What may be done
# with them is read as they are locked: the rest of the statement does not see what was committed while it waited.
# They are asked for by an array of ids, since the planner takes every JSON document for 100 rows, and to join so many
# with a table of a few thousand it would read all of it.
_SETTLE = f"""
WITH result AS (
    SELECT * FROM json_to_recordset(%s::json) AS r (
        id uuid, fence int, attempt smallint, attempts smallint, status text, reason text,
        due_at timestamptz, sent_at timestamptz, uncertain_at timestamptz, first_tried_at timestamptz,
        esp_message_id text, outcome text, status_code smallint, detail text, began_at timestamptz, ended_at timestamptz
    )
), held AS (
    SELECT r.*, m.sender_id, m.flow_version_id,
           m.status IN ('sending', 'uncertain') AS moves, m.lease_until IS NOT NULL AS is_first_report
    FROM automation_message AS m JOIN result AS r ON r.id = m.id AND r.fence = m.fence
    WHERE m.id = ANY (ARRAY (SELECT id FROM result))
    ORDER BY m.id
    FOR NO KEY UPDATE OF m
), moved AS (
    UPDATE automation_message AS m
    SET status = h.status, reason = h.reason, attempts = h.attempts, lease_until = NULL,
        due_at = COALESCE(h.due_at, m.due_at), sent_at = COALESCE(h.sent_at, m.sent_at),
        uncertain_at = h.uncertain_at, first_tried_at = COALESCE(m.first_tried_at, h.first_tried_at),
        esp_message_id = COALESCE(NULLIF(h.esp_message_id, ''), m.esp_message_id)
    FROM held AS h
    WHERE m.id = h.id AND h.moves
), let_go AS (
    UPDATE automation_message AS m
    SET lease_until = NULL
    FROM held AS h
    WHERE m.id = h.id AND h.is_first_report AND NOT h.moves
), counted AS (
    INSERT INTO automation_tally AS tally (hour, backend, account_id, sender_id, flow_id, accepted, failed, unknown)
    SELECT date_trunc('hour', now(), 'UTC'), pg_backend_pid(), %s, held.sender_id, version.flow_id,
           count(*) FILTER (WHERE moves AND status = 'sent'),
           count(*) FILTER (WHERE moves AND status = 'failed'),
           count(*) FILTER (WHERE is_first_report AND outcome = 'unknown')
    FROM held LEFT JOIN automation_flowversion AS version ON version.id = held.flow_version_id
    WHERE (moves AND status IN ('sent', 'failed')) OR (is_first_report AND outcome = 'unknown')
    GROUP BY held.sender_id, version.flow_id
    {adding(Counted.ACCEPTED, Counted.FAILED, Counted.UNKNOWN)}
)
INSERT INTO automation_attempt (message_id, number, account_id, outcome, status_code, detail, began_at, ended_at)
SELECT id, attempt, %s, outcome, status_code, detail, began_at, ended_at FROM result
"""  # noqa: S608
