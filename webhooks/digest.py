"""The digest pump: make sense of stored webhook calls, and let them take effect."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models.functions import Length
from django.utils import timezone

from automation.core import pump, sql
from automation.delivery.account_settings import AccountMisconfigured
from webhooks import effects
from webhooks.door import Door, door_of
from webhooks.effects import Told
from webhooks.models import InboxEvent
from webhooks.set_aside import failure_of, set_aside
from webhooks.understand import Understanding, Unread, understand, unread_event

# More calls in one transaction cost less each, but hold their messages' locks longer.
BATCH = 200
# A call may tell of thousands of events. Past so many bytes the rest waits for the next transaction: same reason.
MAX_BYTES = 1024 * 1024
# An ESP that does not give our id back may tell of a message before the worker has written down the ESP's own id. Such
# calls are looked at again after these pauses, the last longer than a lease. After that they are somebody else's.
PAUSES = [timedelta(seconds=2), timedelta(seconds=20), timedelta(seconds=120)]

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

    Idempotent, whatever is repeated or comes out of order. What of a row can be understood takes effect. Each event
    that cannot is set aside with what is wrong, to be seen and replayed alone. It is not tried again by itself, since
    reading the same bytes fails in the same way.
    """
    understood = {row: _understand(row) for row in rows}
    told = effects.stamp([(row, notice) for row, one in understood.items() for notice in one.notices])
    effects.suppress(told, at=at)
    for one, reason in effects.tell(told, at=at):
        understood[one.row].unread.append(unread_event(one.row, _door(one.row), one.notice.key, reason))
    set_aside([(row, unread) for row, one in understood.items() for unread in one.unread], at=at)
    early = {one.row for one in told if _is_early(one)}
    sql.update(InboxEvent, [_settled(row, one.unread, early, at) for row, one in understood.items()])


def _understand(row: InboxEvent) -> Understanding:
    try:
        return understand(row, _door(row))
    except AccountMisconfigured as error:
        return Understanding([], [Unread(str(error))])


def _door(row: InboxEvent) -> Door:
    door = door_of(row.account)
    if door is None:
        raise AccountMisconfigured("The account's provider sends no webhooks.")
    return door


def _is_early(one: Told) -> bool:
    unknown = one.message is None and one.notice.message_id is None and one.notice.esp_message_id != ""
    return unknown and one.row.attempts < len(PAUSES)


def _settled(row: InboxEvent, unread: Sequence[Unread], early: set[InboxEvent], at: datetime) -> dict[str, object]:
    failure = failure_of(unread)
    status, due_at, attempts = Status.SET_ASIDE if failure else Status.DIGESTED, at, row.attempts
    if row in early:
        status, due_at, attempts = Status.NEW, at + PAUSES[row.attempts], row.attempts + 1
    return {"id": row.pk, "status": status.value, "due_at": due_at, "attempts": attempts, "failure": failure}
