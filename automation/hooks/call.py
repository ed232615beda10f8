"""The hooks pump: make the calls that are due. Claim, call, settle, as `deliver`, but repeating does no harm here."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from automation.core.destination import Forbidden, addresses_of, read_url
from automation.core.json import JsonObject
from automation.core.residency import is_held_here
from automation.core.text import storable
from automation.flows.models import Flow
from automation.hooks.models import HookCall
from automation.hooks.post import Answer, post
from automation.hooks.sign import SecretMissing, secrets_of, signed_headers

# Claimed together and called side by side; the slowest holds up the others of its claim, so not more.
BATCH = 16
# Longer than any call (post.TOTAL_S) with its look-up of the name. A call whose worker died is made again after it.
LEASE = timedelta(seconds=90)
# After 5 s, 10 s, 20 s … and then every six hours: with jitter, a day and a half. An outage makes no dead letters soon.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
MAX_ATTEMPTS = 18
GONE = 410  # By Standard Webhooks: never call here again.


@dataclass(frozen=True, slots=True)
class Result:
    answered: int | None
    failure: str  # Empty: taken.
    is_final: bool = False
    not_before: timedelta = timedelta(0)


def make_due_calls() -> int:
    """Make one batch of due calls. Returns how many it claimed; 0 when none is due."""
    calls = _claim(timezone.now())
    if calls:
        with ThreadPoolExecutor(len(calls), "hook") as threads:
            results = list(threads.map(_make, calls))
        at = timezone.now()
        _settle(calls, results, at)
    return len(calls)


@transaction.atomic
def _claim(at: datetime) -> Sequence[HookCall]:
    """Of racing callers, each row goes to one. Calls of a paused flow wait; what must not be told is withdrawn."""
    due = HookCall.objects.due(at).select_related("flow", "contact")
    lean = due.only("url", "secret_env", "body", "attempts", "flow__status", "contact__region")
    rows = list(lean.select_for_update(of=("self",), no_key=True, skip_locked=True)[:BATCH])
    put_away = [row.pk for row in rows if _is_withdrawn(row)]
    calls = [row for row in rows if row.pk not in put_away]
    HookCall.objects.filter(pk__in=put_away).update(status=HookCall.Status.WITHDRAWN)
    for call in calls:
        call.due_at, call.attempts = at + LEASE, call.attempts + 1
    HookCall.objects.bulk_update(calls, ["due_at", "attempts"])
    return calls


def _is_withdrawn(call: HookCall) -> bool:
    """Its flow was archived, or it is about somebody whose data must not be worked on here."""
    return call.flow.status == Flow.Status.ARCHIVED or not is_held_here(call.contact.region)


def _make(call: HookCall) -> Result:
    """In a thread, without the database."""
    try:
        destination = read_url(call.url)
        body = call.body.encode()
        headers = signed_headers(call.webhook_id, body, secrets_of(call.secret_env), at=timezone.now())
        return _read(post(destination, addresses_of(destination), body, headers))
    except Forbidden as error:
        return Result(None, str(error), is_final=True)
    except (SecretMissing, OSError) as error:  # Somebody may set the one; names are not found, and then are.
        return Result(None, f"{type(error).__name__}: {error}")


def _read(answer: Answer) -> Result:
    if answer.status is None:
        return Result(None, answer.said)
    if 200 <= answer.status < 300:
        return Result(answer.status, "")
    if 300 <= answer.status < 400:
        return Result(answer.status, "It redirects, which is not followed. Call where it leads to.", is_final=True)
    failure = f"HTTP {answer.status}: {answer.said}"
    return Result(answer.status, failure, answer.status == GONE, _asked_pause(answer.retry_after))


def _asked_pause(retry_after: str) -> timedelta:
    seconds = int(retry_after[:9]) if retry_after.isdecimal() else 0
    return min(timedelta(seconds=seconds), LONGEST_PAUSE)


def _settle(calls: Sequence[HookCall], results: Sequence[Result], at: datetime) -> None:
    """In one statement, and only where the claim holds: a slow worker must not overwrite what its successor writes."""
    rows = [_row(call, result, at) for call, result in zip(calls, results, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [msgspec.json.encode(rows).decode(), [call.pk for call in calls]])


def _row(call: HookCall, result: Result, at: datetime) -> JsonObject:
    status, due_at = HookCall.Status.QUEUED, call.due_at
    if not result.failure:
        status = HookCall.Status.TAKEN
    elif result.is_final or call.attempts >= MAX_ATTEMPTS:
        status = HookCall.Status.SET_ASIDE
    else:
        due_at = at + max(_pause(call.attempts), result.not_before)
    return {
        "id": call.pk,
        "claimed_until": call.due_at,
        "status": status.value,
        "due_at": due_at,
        "answered": result.answered,
        "failure": storable(result.failure, limit=2000),
    }


_SETTLE = """
UPDATE automation_hookcall AS call
SET status = r.status, due_at = r.due_at, answered = r.answered, failure = r.failure
FROM json_to_recordset(%s::json) AS r (
    id uuid, claimed_until timestamptz, status text, due_at timestamptz, answered smallint, failure text
)
WHERE call.id = r.id AND call.id = ANY(%s::uuid[]) AND call.status = 'queued' AND call.due_at = r.claimed_until
"""


def _pause(attempts: int) -> timedelta:
    """Doubles, with half of it by chance, so that calls that failed together do not come back together."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return random.uniform(0.5, 1.0) * longest  # noqa: S311 - nobody gains by guessing it.
