"""How the mail of the last day fares, held against the brakes."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin.tables import Table, label, link
from automation.delivery.brake import BRAKES, Brake, Limits, Volume, by_account_and_domain, sum_up
from automation.delivery.models import EspAccount, Tally
from automation.flows.models import Flow

HEADERS = ["Accepted", *(one.name.capitalize() for one in BRAKES)]
NOTE = "What is over its limit is paused within a minute. Of too few mails, no rate is told."


def of_accounts() -> Table:
    """By sending domain. Two statements."""
    accounts = EspAccount.objects.in_bulk()
    volumes = by_account_and_domain(Tally.objects.of_last_day())
    return Table(
        "Mail of the last day",
        ["Account", "From", *HEADERS],
        [
            [link(account := accounts[account_id]), domain, *_cells(volume, account)]
            for account_id, domain, volume in volumes
        ],
        empty="None.",
        note=NOTE,
    )


def of_flow(flow: Flow) -> Table:
    volume = sum_up(Tally.objects.of_last_day().filter(flow=flow))
    return Table("Mail of the last day", HEADERS, [_cells(volume, flow)] if volume.tried else [], "None.", NOTE)


def _cells(volume: Volume, limits: Limits) -> list[object]:
    return [f"{volume.accepted:,}", *(_rate(one, volume, limits) for one in BRAKES)]


def _rate(brake: Brake, volume: Volume, limits: Limits) -> SafeString | str:
    percent, limit = brake.percent(volume), getattr(limits, brake.limit)
    number = f"{getattr(volume, brake.part):,}"
    if percent is None:
        return number
    if not brake.is_over(volume, limits):
        return f"{number}: {percent:.3g} %"
    return format_html("{}: {}", number, label(f"{percent:.3g} %, over {limit:g} %", "danger"))
