"""The digest pump: make sense of stored webhook calls, and let them take effect."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models.functions import Length
from django.utils import timezone

from automation.core import pump, sql
from automation.delivery.account_settings import AccountMisconfigured
from webhooks import effects
from webhooks.door import door_of
from webhooks.effects import Told
from webhooks.models import InboxEvent
from webhooks.understand import Understanding, understand

# More calls in one transaction cost less each, but hold their messages' locks longer.
BATCH = 200
# A call may tell of thousands of events. Past so many bytes the rest waits for the next transaction: same reason.
MAX_BYTES = 1024 * 1024
# An ESP that does not give our id back may tell of a message before the worker has written down the ESP's own id. Such
# calls are looked at again after these pauses, the last longer than a lease. After that they are somebody else's.
PAUSES = [timedelta(seconds=2), timedelta(seconds=20), timedelta(seconds=120)]
# What is wrong with thousands of events, the first few tell.
MAX_FAILURE = 2_000

Status = InboxEvent.Status


def digest_due_webhooks() -> int:
    """Digest one batch of stored calls, in one transaction. Returns how many it claimed; 0 when none is due."""
    return pump.transact(_claim, lambda rows: digest(rows, at=timezone.now()))


def _claim() -> Sequence[InboxEvent]:
    due = InboxEvent.objects.due(timezone.now()).select_related("account").defer("body").annotate(size=Length("body"))
    rows = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    totals = accumulate(row.size for row in rows)  # type: ignore[attr-defined]  # Annotated above.
    rows = [row for row, total in zip(rows, totals, strict=True) if total <= MAX_BYTES] or rows[:1]
    bodies = dict(InboxEvent.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "body"))
    for row in rows:
        row.body = bodies[row.pk]
    return rows


def digest(rows: Sequence[InboxEvent], *, at: datetime) -> None:
    """Let `rows`, which the caller's transaction has locked, take effect. The number of statements is constant.

    Idempotent, whatever is repeated or comes out of order. What of a row can be understood takes effect. If that is
    not all of it, the row is set aside with what is wrong, to be seen and replayed. It is not tried again by itself,
    since reading the same bytes fails in the same way.
    """
    understood = {row: _understand(row) for row in rows}
    told = effects.stamp([(row, notice) for row, one in understood.items() for notice in one.notices])
    effects.suppress(told, at=at)
    for row, fault in effects.tell(told, at=at):
        understood[row].faults.append(fault)
    early = {one.row for one in told if _is_early(one)}
    sql.update(InboxEvent, [_settled(row, one.faults, early, at) for row, one in understood.items()])


def _understand(row: InboxEvent) -> Understanding:
    try:
        door = door_of(row.account)
    except AccountMisconfigured as error:
        return Understanding([], [str(error)])
    return understand(row, door) if door else Understanding([], ["The account's provider sends no webhooks."])


def _is_early(one: Told) -> bool:
    unknown = one.message is None and one.notice.message_id is None and one.notice.esp_message_id != ""
    return unknown and one.row.attempts < len(PAUSES)


def _settled(row: InboxEvent, faults: Sequence[str], early: set[InboxEvent], at: datetime) -> dict[str, object]:
    status, due_at, attempts = Status.SET_ASIDE if faults else Status.DIGESTED, at, row.attempts
    if row in early:
        status, due_at, attempts = Status.NEW, at + PAUSES[row.attempts], row.attempts + 1
    failure = "\n".join(faults)[:MAX_FAILURE]
    return {"id": row.pk, "status": status.value, "due_at": due_at, "attempts": attempts, "failure": failure}
