"""How the mail of the last day fares, held against the brakes."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin.tables import Table, label, link
from automation.delivery.models import EspAccount, Tally
from automation.delivery.rates import RATES, Limits, Rate, Volume, altogether, by_account_and_domain
from automation.flows.models import Flow

HEADERS = ["Accepted", *(rate.name.capitalize() for rate in RATES), "Opened", "Clicked"]
NOTE = (
    "What is over its limit is paused within a minute. Of too few mails, no rate is told. Opened, clicked: by people,"
    " of all that were: spam filters and privacy services open mails and follow links, too."
)


def of_accounts() -> Table:
    """By sending domain. Two statements."""
    volumes = list(by_account_and_domain(Tally.objects.of_last_day()))
    accounts = EspAccount.objects.in_bulk({account_id for account_id, _, _ in volumes})
    return Table(
        "Mail of the last day",
        ["Account", "From", *HEADERS],
        [[link(accounts[key]), domain, *_cells(volume, accounts[key])] for key, domain, volume in volumes],
        empty="None.",
        note=NOTE,
    )


def of_flow(flow: Flow) -> Table:
    volume = altogether(Tally.objects.of_last_day().filter(flow=flow))
    return Table("Mail of the last day", HEADERS, [_cells(volume, flow)] if volume.tried else [], "None.", NOTE)


def _cells(volume: Volume, limits: Limits) -> list[object]:
    rates = [_rate(rate, volume, limits) for rate in RATES]
    opened = f"{volume.human_opened:,} of {volume.opened:,}"
    return [f"{volume.accepted:,}", *rates, opened, f"{volume.human_clicked:,} of {volume.clicked:,}"]


def _rate(rate: Rate, volume: Volume, limits: Limits) -> SafeString | str:
    percent, limit = rate.percent(volume), getattr(limits, rate.limit)
    number = f"{getattr(volume, rate.part):,}"
    if percent is None:
        return number
    if not rate.is_over(volume, limits):
        return f"{number}: {percent:.3g} %"
    return format_html("{}: {}", number, label(f"{percent:.3g} %, over {limit:g} %", "danger"))
