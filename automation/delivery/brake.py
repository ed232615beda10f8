"""Brakes: pause the account or the flow whose mail of the last day went wrong too often."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import structlog
from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from automation.delivery.models import EspAccount, Tally
from automation.delivery.models.tally import TallyQuerySet
from automation.delivery.pause import pause_account
from automation.flows.models import Flow
from automation.flows.pause import pause

log = structlog.get_logger(__name__)

# Of fewer mails, a rate says nothing: 1 of 20 bounced is 5 %.
ENOUGH = 100
# Limits for complaints are a few in a thousand.
ENOUGH_FOR_COMPLAINTS = 1_000
# Marketers compare months; nobody reads older tallies.
KEEP = timedelta(days=90)
KEPT_TOO_LONG = 10_000  # So many are deleted at once. More, and the statement takes long.


class Limits(Protocol):
    """What is braked: an account or a flow. No limit, no brake."""

    max_error_percent: float | None
    max_bounce_percent: float | None
    max_complaint_percent: float | None


class Volume(NamedTuple):
    """How much was sent in the last day, and what became of it."""

    accepted: int
    failed: int
    unknown: int
    hard_bounced: int
    complained: int

    @property
    def errors(self) -> int:
        return self.failed + self.unknown

    @property
    def tried(self) -> int:
        return self.accepted + self.errors


class Brake(NamedTuple):
    """One thing that may go wrong too often."""

    name: str
    limit: str  # Which of Limits.
    part: str  # Its percentage of the whole is limited: both of Volume.
    whole: str
    enough: int  # The least `whole` whose percentage means something.
    advice: str

    def percent(self, volume: Volume) -> float | None:
        """None while there is not enough mail to tell."""
        whole: int = getattr(volume, self.whole)
        return 100.0 * getattr(volume, self.part) / whole if whole >= self.enough else None

    def is_over(self, volume: Volume, limits: Limits) -> bool:
        percent, limit = self.percent(volume), getattr(limits, self.limit)
        return percent is not None and limit is not None and percent > limit

    def why(self, volume: Volume, limits: Limits, of: str) -> str:
        return (
            f"{self.name.capitalize()}: {self.percent(volume):.3g} % of the last day's {getattr(volume, self.whole):,}"
            f" mails{of}; the limit is {getattr(limits, self.limit):g} %. {self.advice}"
        )


BRAKES = [
    Brake(
        *("errors", "max_error_percent", "errors", "tried", ENOUGH),
        "See what the ESP says of the failed and uncertain ones, then resume.",
    ),
    Brake(
        *("hard bounces", "max_bounce_percent", "hard_bounced", "accepted", ENOUGH),
        "Find out where these addresses come from, then resume.",
    ),
    Brake(
        *("complaints", "max_complaint_percent", "complained", "accepted", ENOUGH_FOR_COMPLAINTS),
        "Find out whether these people wanted this mail, then resume.",
    ),
]


def brake() -> None:
    """Pause what is over a limit, and forget tallies that are too old. Idempotent. A constant number of statements,
    and one more for each account or flow that it pauses."""
    brake_accounts()
    brake_flows()
    too_old = Tally.objects.filter(hour__lt=Now() - KEEP).order_by("hour")
    Tally.objects.filter(pk__in=too_old.values("pk")[:KEPT_TOO_LONG]).delete()


@transaction.atomic
def brake_accounts() -> None:
    """Pause active accounts by the mail of each sending domain.

    They are locked before their tallies are read: whoever is resumed meanwhile is not paused by the old ones.
    """
    active = EspAccount.objects.filter(status=EspAccount.Status.ACTIVE).order_by("pk").select_for_update(no_key=True)
    accounts = {account.pk: account for account in active}
    tallies = Tally.objects.of_last_day().filter(_heeded("account"), account__in=accounts)
    for account_id, domain, volume in by_account_and_domain(tallies):
        account = accounts[account_id]
        if one := first_over(volume, account):
            reason = one.why(volume, account, f" from {domain}")
            pause_account(account, reason=reason, by=f"brake: {one.name}")


@transaction.atomic
def brake_flows() -> None:
    """Pause live flows. Locked first, for the same reason."""
    live = Flow.objects.filter(status=Flow.Status.LIVE).order_by("pk").select_for_update(no_key=True)
    flows = {flow.pk: flow for flow in live}
    tallies = Tally.objects.of_last_day().filter(_heeded("flow"), flow__in=flows)
    for row in tallies.sums_by("flow_id"):
        flow, volume = flows[row["flow_id"]], _volume(row)
        if one := first_over(volume, flow):
            reason, by = one.why(volume, flow, ""), f"brake: {one.name}"
            if pause(flow=flow, reason=reason, by=by):
                log.error("flow_paused", flow=flow.key, reason=reason, by=by)


def first_over(volume: Volume, limits: Limits) -> Brake | None:
    return next((one for one in BRAKES if one.is_over(volume, limits)), None)


def by_account_and_domain(tallies: TallyQuerySet) -> Iterator[tuple[int, str, Volume]]:
    """The volume of each account's each sending domain. One statement."""
    for row in tallies.sums_by("account_id", "domain"):
        yield row["account_id"], row["domain"], _volume(row)


def sum_up(tallies: TallyQuerySet) -> Volume:
    """One statement."""
    return Volume(**tallies.aggregate(**{name: Sum(name, default=0) for name in Volume._fields}))


def _heeded(whose: str) -> Q:
    """The hour in which somebody resumed it is not heeded: most of it may be from before."""
    return Q(**{f"{whose}__brakes_from": None}) | Q(hour__gte=F(f"{whose}__brakes_from"))


def _volume(row: dict[str, Any]) -> Volume:
    return Volume(*(row[name] for name in Volume._fields))
