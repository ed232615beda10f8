"""How often the mail of the last day went wrong, and how often it may. Pure but for the sums."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from django.db.models import Sum

from automation.delivery.models.tally import TallyQuerySet

# Of fewer mails, a rate says nothing: 1 of 20 bounced is 5 %.
ENOUGH = 100
# The limit for complaints is a few in a thousand.
ENOUGH_FOR_COMPLAINTS = 1_000


class Limits(Protocol):
    """Of an account or a flow. None: no limit."""

    max_error_percent: float | None
    max_bounce_percent: float | None
    max_block_percent: float | None
    max_complaint_percent: float | None


class Volume(NamedTuple):
    """How much was sent, and what became of it."""

    accepted: int
    failed: int
    unknown: int
    hard_bounced: int
    blocked: int
    complained: int
    opened: int = 0
    clicked: int = 0
    human_opened: int = 0  # Of those, by a person.
    human_clicked: int = 0

    @property
    def errors(self) -> int:
        return self.failed + self.unknown

    @property
    def tried(self) -> int:
        return self.accepted + self.errors


class Rate(NamedTuple):
    """One thing that may go wrong too often."""

    name: str
    limit: str  # Which of Limits.
    part: str  # In percent of the whole: both are of Volume.
    whole: str
    enough: int  # The least `whole` of which a percentage says something.
    advice: str

    def percent(self, volume: Volume) -> float | None:
        """None while there is not enough mail to tell."""
        whole: int = getattr(volume, self.whole)
        return 100.0 * getattr(volume, self.part) / whole if whole >= self.enough else None

    def is_over(self, volume: Volume, limits: Limits) -> bool:
        percent, limit = self.percent(volume), getattr(limits, self.limit)
        return percent is not None and limit is not None and percent > limit

    def why(self, volume: Volume, limits: Limits, *, of: str) -> str:
        """The numbers and what to do, for an operator. Of Volumes that are over the limit."""
        return (
            f"{self.name.capitalize()}: {self.percent(volume):.3g} % of the last day's {getattr(volume, self.whole):,}"
            f" mails{of}; the limit is {getattr(limits, self.limit):g} %. {self.advice}"
        )


RATES = [
    Rate(
        name="errors",
        limit="max_error_percent",
        part="errors",
        whole="tried",
        enough=ENOUGH,
        advice="See what the ESP says of the failed and uncertain ones, then resume.",
    ),
    Rate(
        name="hard bounces",
        limit="max_bounce_percent",
        part="hard_bounced",
        whole="accepted",
        enough=ENOUGH,
        advice="Find out where these addresses come from, then resume.",
    ),
    Rate(
        name="blocks",
        limit="max_block_percent",
        part="blocked",
        whole="accepted",
        enough=ENOUGH,
        advice="See why mailbox providers refuse this mail (content, authentication, reputation), then resume.",
    ),
    Rate(
        name="complaints",
        limit="max_complaint_percent",
        part="complained",
        whole="accepted",
        enough=ENOUGH_FOR_COMPLAINTS,
        advice="Find out whether these people wanted this mail, then resume.",
    ),
]


def first_over(volume: Volume, limits: Limits) -> Rate | None:
    return next((rate for rate in RATES if rate.is_over(volume, limits)), None)


def by_account_and_domain(tallies: TallyQuerySet) -> Iterator[tuple[int, str, Volume]]:
    """The volume of each sending domain of each account. One statement. `tallies` are `of_last_day()`."""
    for row in tallies.sums_by("account_id", "domain"):
        yield row["account_id"], row["domain"], _volume(row)


def by_flow(tallies: TallyQuerySet) -> Iterator[tuple[int, Volume]]:
    """The volume of each flow. One statement."""
    for row in tallies.exclude(flow=None).sums_by("flow_id"):
        yield row["flow_id"], _volume(row)


def altogether(tallies: TallyQuerySet) -> Volume:
    """One statement."""
    return Volume(**tallies.aggregate(**{name: Sum(name, default=0) for name in Volume._fields}))


def _volume(row: dict[str, Any]) -> Volume:
    return Volume(*(row[name] for name in Volume._fields))
