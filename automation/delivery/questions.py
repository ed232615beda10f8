"""The questions asked of a message before it may be sent: by each claim, and by whoever wants to know first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from automation.core.residency import is_held_here, is_home
from automation.delivery.caps import Over, over_caps
from automation.delivery.hours import hours_of
from automation.delivery.models import EspAccount, Message
from automation.delivery.providers import key_outlives
from automation.flows.models import Flow
from suppression.address import InvalidAddress
from suppression.policy import Addressee, check_many

Status = Message.Status

RESIDENCY = "residency"  # The contact's home is elsewhere (core/residency.py).

# A paused flow's messages are looked at again after this time. Longer, and they go out later after it is resumed.
HOLD = timedelta(seconds=60)


class Refusal(NamedTuple):
    """Why a message is not sent now, and what becomes of it instead."""

    status: Message.Status
    reason: str = ""
    until: datetime | None = None  # It stays `queued`; ask again then.
    capped_at: datetime | None = None  # Since when a cap holds it up.


class Answers(NamedTuple):
    refusals: dict[Message, Refusal]  # Whatever is not in it may be sent now …
    addressees: dict[Message, Addressee]  # … and is in this.
    consents: dict[Message, int | None]  # The line of the ledger that each message has to name.


def ask(
    messages: Sequence[Message], accounts: Mapping[int, EspAccount], at: datetime, *, claiming: bool = False
) -> Answers:
    """Ask of each message whether it may be sent. Writes nothing and opens no transaction.

    One statement, however many messages, and two more if there are frequency caps. In the transaction that locks them,
    it sees every opt-out committed before. `claiming`: it is that transaction, so capped contacts' counts are locked;
    else nothing is. Messages come as from `lock_due`, and `accounts` holds theirs.
    """
    refusals: dict[Message, Refusal] = {}
    addressees: dict[Message, Addressee] = {}
    for message in messages:
        if refusal := _refused_by_itself(message, accounts[message.account_id], at):
            refusals[message] = refusal
            continue
        region: str = message.region or ""  # type: ignore[attr-defined]  # See `ask`.
        if not (is_held_here(region) and is_home(region, accounts[message.account_id].homes)):
            refusals[message] = _refuse(message, Status.WITHHELD, RESIDENCY)
            continue
        try:
            addressees[message] = Addressee.of(message.to_email, message.topic_id, region)
        except InvalidAddress as error:
            refusals[message] = _refuse(message, Status.FAILED, f"invalid_address: {error.reason}")
    verdicts = dict(zip(addressees, check_many(list(addressees.values()), at=at), strict=True))
    for message, verdict in verdicts.items():
        if not verdict.allowed:
            refusals[message] = _refuse(message, Status.WITHHELD, verdict.reason)
    allowed = [message for message in addressees if message not in refusals and not message.uncertain_at]
    for message, over in over_caps(allowed, at, claiming=claiming).items():
        refusals[message] = _hold_up(message, over)
    return Answers(refusals, addressees, {message: verdict.consent_id for message, verdict in verdicts.items()})


def _refused_by_itself(message: Message, account: EspAccount, at: datetime) -> Refusal | None:
    """What speaks against sending that needs no other table."""
    if not message.to_email:  # Made without an address, it would have been withheld at once.
        return _refuse(message, Status.WITHHELD, "erased")
    flow_status: str | None = message.flow_status  # type: ignore[attr-defined]  # See `ask`.
    if flow_status == Flow.Status.PAUSED:
        return Refusal(Status.QUEUED, "flow_paused", at + HOLD)
    if message.uncertain_at and not key_outlives(account.provider, message.uncertain_at, at):
        return Refusal(Status.UNCERTAIN, "idempotency_key_expired")
    if flow_status == Flow.Status.ARCHIVED and not message.uncertain_at:
        return _refuse(message, Status.WITHHELD, "flow_archived")
    return None if message.uncertain_at else _outside_hours(message, at)


def _outside_hours(message: Message, at: datetime) -> Refusal | None:
    """Not asked, and neither are caps, of what is only repeated under its key: it was sent when it might be."""
    hours = hours_of(message.send_when, message.house, message.lane)  # type: ignore[attr-defined]  # See `ask`.
    later = hours and hours.ask(message.contact_zone or "", at)  # type: ignore[attr-defined]  # See `ask`.
    return Refusal(Status.QUEUED, later.reason, later.until) if later else None


def _hold_up(message: Message, over: Over) -> Refusal:
    if not over.waits:
        return _refuse(message, Status.WITHHELD, over.reason)._replace(capped_at=over.since)
    return Refusal(Status.QUEUED, over.reason, over.room_at, over.since)


def _refuse(message: Message, status: Message.Status, reason: str) -> Refusal:
    """What the ESP may already have can be called neither withheld nor failed."""
    return Refusal(Status.UNCERTAIN if message.unknown_since else status, reason)
