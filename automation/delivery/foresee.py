"""Foresee: what would become of dead letters if they were replayed now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Now
from django.utils import timezone

from automation.delivery.envelope import envelopes
from automation.delivery.hours import HOUSE
from automation.delivery.models import Attempt, EspAccount, Message, MessageQuerySet
from automation.delivery.models.accounts import domain_of
from automation.delivery.models.caps import CAPS
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.questions import ask
from automation.delivery.send import build_email
from automation.delivery.warmup.hold import WARMING_UP, Holds, read_holds
from suppression.policy import Addressee

# The most that is looked at together. Ten times as many would take a web request a quarter of a minute.
LIMIT = 10_000
# What is older is no news any more, unless its flow says itself how old an event may be.
MAX_AGE = timedelta(days=7)


class Fate(StrEnum):
    GOES = "goes"  # It is sent, at its account's pace.
    WAITS = "waits"  # It is queued, and sent when what stands in its way has gone.
    STAYS = "stays"  # It is left alone: it would not be sent, or may not be.


class Prospect(NamedTuple):
    """What would become of one dead letter."""

    message: Message
    fate: Fate
    why: str = ""  # Of what does not go: a code, then words, as `Message.reason`.


class Foresight(NamedTuple):
    prospects: list[Prospect]
    asked_at: datetime  # By the database's clock.


def foresee(messages: MessageQuerySet, *, max_age: timedelta | None = None) -> Foresight:
    """Ask all questions of the failed ones among `messages`, oldest first and LIMIT at most.

    Those of every claim (`ask`), and those of a replay: may it have arrived, is it too old, can it be built, does its
    account send, does its domain warm up? `max_age` None: what its flow allows an event, else MAX_AGE. Writes and
    locks nothing. A constant number of statements, but for one for each template version that is new to this process.
    """
    at = timezone.now()
    rows = list(_dead_letters(messages))
    accounts = EspAccount.objects.in_bulk({message.account_id for message in rows})
    refusals, addressees, _ = ask(rows, accounts, at)
    holds = read_holds()
    prospects = []
    for message in rows:
        if why := _bar(message, max_age, at):
            prospects.append(Prospect(message, Fate.STAYS, why))
        elif refusal := refusals.get(message):
            prospects.append(Prospect(message, Fate.WAITS if refusal.until else Fate.STAYS, refusal.reason))
        elif why := _trouble(message, addressees):
            prospects.append(Prospect(message, Fate.STAYS, why))
        elif why := _obstacle(message, accounts[message.account_id], holds, at):
            prospects.append(Prospect(message, Fate.WAITS, why))
        else:
            prospects.append(Prospect(message, Fate.GOES))
    return Foresight(prospects, rows[0].asked_at if rows else at)  # type: ignore[attr-defined]  # Annotated by _dead_letters.


def _dead_letters(messages: MessageQuerySet) -> MessageQuerySet:
    """With what `ask` and `envelopes` want to know of other tables, as MessageQuerySet.lock_due gives it, and more."""
    oldest = messages.filter(status=Message.Status.FAILED).order_by("due_at").values("pk")[:LIMIT]
    unknown = Attempt.objects.filter(message=OuterRef("pk"), outcome=Outcome.UNKNOWN)
    return (
        Message.objects.filter(pk__in=oldest)
        .order_by("due_at")
        .annotate(
            flow_status=F("flow_version__flow__status"),
            max_event_age_s=F("flow_version__definition__max_event_age_s"),
            topic_key=F("topic__key"),
            region=F("contact__region"),
            sender_name=F("sender__name"),
            sender_email=F("sender__email"),
            sender_reply_to=F("sender__reply_to"),
            sender_postal_address=F("sender__postal_address"),
            send_when=Cast("flow_version__send_when", TextField()),
            house=RawSQL(HOUSE, []),  # noqa: S611  # A constant.
            caps=RawSQL(CAPS, []),  # noqa: S611  # A constant.
            contact_zone=F("contact__time_zone"),
            was_unknown=Exists(unknown),
            asked_at=Now(),
        )
    )


def _bar(message: Message, max_age: timedelta | None, at: datetime) -> str:
    """Why it must not be sent again, whatever else is so. Empty: nothing bars it."""
    if message.was_unknown or message.unknown_since:  # type: ignore[attr-defined]  # As above.
        return "may_have_arrived"  # Promise P2.
    if max_age is None:
        seconds: float | None = message.max_event_age_s  # type: ignore[attr-defined]  # As above.
        max_age = MAX_AGE if seconds is None else timedelta(seconds=seconds)
    return "too_old" if at - message.created_at > max_age else ""


def _trouble(message: Message, addressees: Mapping[Message, Addressee]) -> str:
    """Why it would fail again before it left us. Empty: it can be built."""
    [envelope] = envelopes([message], addressees)
    built = build_email(envelope)
    return f"cannot_be_built: {built.detail}" if isinstance(built, SendResult) else ""


def _obstacle(message: Message, account: EspAccount, holds: Holds, at: datetime) -> str:
    """Why it would not go at once. A route may lead to another account: then it does not wait for long."""
    if account.status == EspAccount.Status.PAUSED:
        return "account_paused"
    if account.open_until and account.open_until > at:
        return "breaker_open"
    domain = domain_of(message.sender_email)  # type: ignore[attr-defined]  # Annotated by _dead_letters.
    return WARMING_UP if holds.hold(account.pk, domain, message.lane) else ""
