"""Stamp: write down on messages what ESPs report of them. Never backwards, in whatever order the reports come."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from automation.core import sql
from automation.delivery.count import Fact, count
from automation.delivery.machines import Engaged
from automation.delivery.models import Counted, Message
from automation.delivery.standing import Standing, lock_standings, tried_by

Status = Message.Status

# Of two, the later in its list stands. A message that has not come as far as the first status is lifted there out of
# whatever it is in, "failed" too: the ESP knows better than we do whether it has the mail.
STATUSES = [Status.SENT, Status.DELIVERED, Status.BOUNCED, Status.COMPLAINED]
BOUNCES = ["block", "soft_bounce", "hard_bounce"]


class Stage(StrEnum):
    """How far a message has come, says a report. Each proves that the ESP has taken it."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Report(NamedTuple):
    """What an ESP says of a message of one of our accounts there. It is known by our id, or else by the ESP's."""

    account_id: int
    message_id: UUID | None
    esp_message_id: str
    stage: Stage
    at: datetime
    bounce: str = ""  # Of Stage.BOUNCED: which of BOUNCES.
    engaged: Engaged | None = None  # Of opens and clicks: what tells people's from machines'.


@transaction.atomic(savepoint=False)
def stamp_many(reports: Sequence[Report]) -> list[Standing | None]:
    """Stamp the messages that are reported on. Returns for each report, in order, its message; None: not one of ours.

    Four statements at most. Idempotent, and the order of reports makes no difference. Messages are locked in the order
    of their ids. `fence` and `lease_until` are left alone: a worker that comes to settle a message finds it settled,
    since it is no longer `sending` or `uncertain`; if none comes, the reaper writes the attempt down.
    """
    ids = {report.message_id for report in reports if report.message_id}
    esp_message_ids = {report.esp_message_id for report in reports if report.esp_message_id}
    if not ids and not esp_message_ids:
        return [None for _ in reports]
    before = {message.id: message for message in lock_standings(ids, esp_message_ids)}
    by_esp_id = {(message.account_id, message.esp_message_id): message.id for message in before.values()}
    tried = tried_by(_told_of_from_elsewhere(reports, before))
    subjects = [_subject(report, before, by_esp_id, tried) for report in reports]
    after = dict(before)
    for report, message_id in zip(reports, subjects, strict=True):
        if message_id:
            after[message_id] = stamp(after[message_id], report)
    changed = [message for message in after.values() if message != before[message.id]]
    _write(changed)
    count(fact for message in changed for fact in facts(before[message.id], message))
    return [after[message_id] if message_id else None for message_id in subjects]


def stamp(message: Standing, report: Report) -> Standing:
    """The message after the report. Pure; the order and the number of reports make no difference to the outcome."""
    stage = report.stage
    if message.status not in STATUSES:
        # A claim counts its attempt when it is settled, which it is now.
        attempts = message.attempts + (message.status == Status.SENDING)
        # The account that tells has taken it, though another may have been about to try after it.
        message = message._replace(
            status=Status.SENT.value, reason="", uncertain_at=None, attempts=attempts, account_id=report.account_id
        )
    changes: dict[str, object] = {
        "sent_at": _first(message.sent_at, report.at),  # By then the ESP had it.
        "esp_message_id": message.esp_message_id or report.esp_message_id,
    }
    if stage is not Stage.SENT:
        changes[f"{stage}_at"] = _first(getattr(message, f"{stage}_at"), report.at)
    if _rank(stage, STATUSES) > _rank(message.status, STATUSES):
        changes["status"] = stage.value
    if _rank(report.bounce, BOUNCES) > _rank(message.reason, BOUNCES):
        changes["reason"] = report.bounce
    return message._replace(**changes)  # type: ignore[arg-type]  # Fields of various types.


def facts(before: Standing, after: Standing) -> Iterator[Fact]:
    """What has become of a message, for the tallies. Pure, and each of it once in a message's life."""
    was_accepted = before.status in STATUSES
    bounce_before = before.reason if was_accepted else ""
    news = {
        Counted.ACCEPTED: not was_accepted and after.status in STATUSES,
        Counted.DELIVERED: not before.delivered_at and after.delivered_at,
        Counted.HARD_BOUNCED: bounce_before != after.reason == "hard_bounce",
        Counted.BLOCKED: bounce_before != after.reason == "block",
        Counted.COMPLAINED: not before.complained_at and after.complained_at,
        Counted.OPENED: not before.opened_at and after.opened_at,
        Counted.CLICKED: not before.clicked_at and after.clicked_at,
    }
    for what, is_new in news.items():
        if is_new:
            yield Fact(what, after.account_id, after.sender_id, after.flow_id)


def _told_of_from_elsewhere(reports: Sequence[Report], messages: Mapping[UUID, Standing]) -> set[UUID]:
    """Reported on by an account that they are not at. They may have been, if failover has moved them on since."""
    known = ((messages.get(report.message_id), report) for report in reports if report.message_id)
    return {message.id for message, report in known if message and message.account_id != report.account_id}


def _subject(
    report: Report,
    messages: Mapping[UUID, Standing],
    by_esp_id: Mapping[tuple[int, str], UUID],
    tried: Collection[tuple[UUID, int]],
) -> UUID | None:
    """The message that is meant. No account has a say in a message that it never tried to send, whatever it quotes."""
    message = messages.get(report.message_id) if report.message_id else None
    if message and (message.account_id == report.account_id or (message.id, report.account_id) in tried):
        return message.id
    return by_esp_id.get((report.account_id, report.esp_message_id)) if report.esp_message_id else None


def _first(one: datetime | None, other: datetime) -> datetime:
    return min(one or other, other)


def _rank(value: str, order: Sequence[str]) -> int:
    return order.index(value) if value in order else -1


def _write(messages: Sequence[Standing]) -> None:
    sql.update(
        Message,
        [
            {
                "id": message.id,
                "account_id": message.account_id,
                "status": message.status,
                "reason": message.reason,
                "attempts": message.attempts,
                "esp_message_id": message.esp_message_id,
                "uncertain_at": message.uncertain_at,
                "sent_at": message.sent_at,
                "delivered_at": message.delivered_at,
                "opened_at": message.opened_at,
                "clicked_at": message.clicked_at,
                "bounced_at": message.bounced_at,
                "complained_at": message.complained_at,
            }
            for message in messages
        ],
    )
