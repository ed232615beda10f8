"""The questions asked of a message before it may be sent: by each claim, and by whoever wants to know first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from automation.delivery.models import EspAccount, Message
from automation.delivery.providers import key_outlives
from automation.flows.models import Flow
from suppression.address import InvalidAddress, hash_address
from suppression.policy import Addressee, check_many

Status = Message.Status


class Refusal(NamedTuple):
    """Why a message is not sent now, and what becomes of it instead."""

    status: Message.Status
    reason: str = ""
    hold: bool = False  # It stays `queued`; ask again later.


class Answers(NamedTuple):
    refusals: dict[Message, Refusal]  # Whatever is not in it may be sent now …
    addressees: dict[Message, Addressee]  # … and is in this.


def ask(messages: Sequence[Message], accounts: Mapping[int, EspAccount], at: datetime) -> Answers:
    """Ask of each message whether it may be sent. Writes and locks nothing, and opens no transaction.

    One statement, however many messages. In the transaction that locks them, it sees every opt-out committed before.
    Messages come with their `flow_status`, and `accounts` holds theirs.
    """
    refusals: dict[Message, Refusal] = {}
    addressees: dict[Message, Addressee] = {}
    for message in messages:
        if refusal := _refused_by_itself(message, accounts[message.account_id], at):
            refusals[message] = refusal
            continue
        try:
            addressees[message] = Addressee(hash_address(message.to_email), message.topic_id)
        except InvalidAddress as error:
            refusals[message] = _refuse(message, Status.FAILED, f"invalid_address: {error.reason}")
    verdicts = zip(addressees, check_many(list(addressees.values()), at=at), strict=True)
    for message, verdict in verdicts:
        if not verdict.allowed:
            refusals[message] = _refuse(message, Status.WITHHELD, verdict.reason)
    return Answers(refusals, addressees)


def _refused_by_itself(message: Message, account: EspAccount, at: datetime) -> Refusal | None:
    """What speaks against sending that needs no other table."""
    flow_status: str | None = message.flow_status  # type: ignore[attr-defined]  # See `ask`.
    if flow_status == Flow.Status.PAUSED:
        return Refusal(Status.QUEUED, "flow_paused", hold=True)
    if message.uncertain_at and not key_outlives(account.provider, message.uncertain_at, at):
        return Refusal(Status.UNCERTAIN, "idempotency_key_expired")
    if flow_status == Flow.Status.ARCHIVED and not message.uncertain_at:
        return _refuse(message, Status.WITHHELD, "flow_archived")
    return None


def _refuse(message: Message, status: Message.Status, reason: str) -> Refusal:
    """What the ESP may already have can be called neither withheld nor failed."""
    return Refusal(Status.UNCERTAIN if message.unknown_since else status, reason)
