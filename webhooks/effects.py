"""What follows from notices: stamps on messages, suppressed addresses, events for the flows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from automation.delivery.engage import engage, lock_contacts
from automation.delivery.feedback import NAMESPACE, Feedback, emit
from automation.delivery.machines import Engaged
from automation.delivery.stamp import BOUNCES, Report, stamp_many
from automation.delivery.standing import Standing
from automation.delivery.tell_apart import tell_apart
from automation.events.ingest import Outcome
from suppression.models import Reason
from suppression.strikes import Offence, strike
from suppression.suppress import Entry
from webhooks.kinds import CONSEQUENCES, Consequence, Kind
from webhooks.models import InboxEvent
from webhooks.understand import Notice, hash_or_none


class Told(NamedTuple):
    """A notice from which something follows, the call that brought it, and the message of ours, if it is one."""

    row: InboxEvent
    notice: Notice
    message: Standing | None
    signs: Sequence[str] | None  # Of opens and clicks of it: what tells a machine.

    @property
    def consequence(self) -> Consequence:
        return CONSEQUENCES[self.notice.kind]


def stamp(notices: Sequence[tuple[InboxEvent, Notice]]) -> list[Told]:
    """Stamp the messages that the notices are about, and note which people have opened or clicked."""
    telling = [(row, notice) for row, notice in notices if notice.kind in CONSEQUENCES]
    reports = [_report(row, notice) for row, notice in telling]
    lock_contacts(reports)
    messages = stamp_many(reports)
    verdicts = tell_apart(list(zip(reports, messages, strict=True)))
    engage(verdicts.people)
    return [
        Told(row, notice, message, verdicts.signs.get(notice.key))
        for (row, notice), message in zip(telling, messages, strict=True)
    ]


def suppress(told: Sequence[Told], *, at: datetime) -> None:
    """Suppress who must not be mailed again, also where no message of ours is known.

    An ESP knows nothing of our topics: who leaves by its link leaves all marketing.
    """
    offences = [
        Offence(_entry(address_hash, reason, one), _mail(one), one.notice.at)
        for one in told
        if (reason := one.consequence.suppress)
        for address_hash in _addresses(one)
    ]
    delivered: dict[bytes, datetime] = {}
    for one in told:
        if one.notice.kind is Kind.DELIVERED and (address_hash := one.notice.address_hash):
            delivered[address_hash] = max(one.notice.at, delivered.get(address_hash, one.notice.at))
    strike(offences, delivered, at=at)


def tell(told: Sequence[Told], *, at: datetime) -> list[tuple[Told, str]]:
    """Emit events for the contacts concerned. Returns which were refused (somebody has edited the schema), and why."""
    events = [(one, _feedback(one, one.message)) for one in told if one.message and one.consequence.event]
    receipts = emit([feedback for _, feedback in events], at=at)
    return [
        (one, f"{feedback.type}: {receipt.faults[0].message}")
        for (one, feedback), receipt in zip(events, receipts, strict=True)
        if receipt and receipt.outcome is Outcome.INVALID
    ]


def _report(row: InboxEvent, notice: Notice) -> Report:
    return Report(
        account_id=row.account_id,
        message_id=notice.message_id,
        esp_message_id=notice.esp_message_id,
        stage=CONSEQUENCES[notice.kind].stage,
        at=notice.at,
        bounce=_bounce(notice),
        engaged=_engaged(notice) if notice.kind in {Kind.OPENED, Kind.CLICKED} else None,
    )


def _engaged(notice: Notice) -> Engaged:
    is_click = notice.kind is Kind.CLICKED
    return Engaged(notice.key, is_click, notice.at, notice.url, notice.agent, notice.is_machine)


def _feedback(one: Told, message: Standing) -> Feedback:
    return Feedback(
        id=one.notice.key,
        type=one.consequence.event,
        message=message,
        occurred_at=one.notice.at,
        metadata={"account": one.row.account.key, "said": one.notice.said},
        reason=_bounce(one.notice),
        url=one.notice.url,
        signs=one.signs,
    )


def _entry(address_hash: bytes, reason: Reason, one: Told) -> Entry:
    source = f"webhook {one.row.account.key}"
    return Entry(address_hash=address_hash, reason=reason, source=source, evidence=_evidence(one))


def _mail(one: Told) -> UUID:
    """What the notice is about, also if it is no message of ours."""
    if one.message:
        return one.message.id
    return uuid5(NAMESPACE, f"mail:{one.row.account_id}:{one.notice.esp_message_id or one.notice.key}")


def _evidence(one: Told) -> dict[str, object]:
    known = {"message_id": str(one.message.id)} if one.message else {}
    return {"said": one.notice.said, "inbox_event": one.row.pk, **known}


def _addresses(one: Told) -> set[bytes]:
    """The one that the event names, and the one that we wrote to: a forwarder may lie between them."""
    hashes = {one.notice.address_hash, hash_or_none(one.message.to_email) if one.message else None}
    return {address_hash for address_hash in hashes if address_hash}


def _bounce(notice: Notice) -> str:
    return notice.kind.value if notice.kind in BOUNCES else ""
