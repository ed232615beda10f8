"""Brakes: pause the account or the flow whose mail of the last day went wrong too often."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from automation.delivery.models import EspAccount, Tally
from automation.delivery.pause import pause_account
from automation.delivery.rates import by_account_and_domain, by_flow, first_over
from automation.flows.models import Flow
from automation.flows.pause import pause

log = structlog.get_logger(__name__)

# How long tallies are kept: a quarter, to compare with. Nothing here reads older ones than a day.
KEEP = timedelta(days=90)
# So many old ones are deleted at once. More, and the statement takes long; a run deletes far more than a minute makes.
BATCH = 10_000


def brake() -> None:
    """Pause what is over a limit, and forget tallies that are too old. Idempotent.

    A constant number of statements, and one more for each account or flow that it pauses.
    """
    brake_accounts()
    brake_flows()
    too_old = Tally.objects.filter(hour__lt=Now() - KEEP).order_by("hour")
    Tally.objects.filter(pk__in=too_old.values("pk")[:BATCH]).delete()


@transaction.atomic
def brake_accounts() -> None:
    """Pause active accounts by the mail of each sending domain.

    They are locked before their tallies are read: so what was before a resume is not held against it.
    """
    active = EspAccount.objects.filter(status=EspAccount.Status.ACTIVE).order_by("pk").select_for_update(no_key=True)
    accounts = {account.pk: account for account in active}
    tallies = Tally.objects.of_last_day().filter(_heeded("account"), account__in=accounts)
    for account_id, domain, volume in by_account_and_domain(tallies):
        account = accounts[account_id]
        if rate := first_over(volume, account):
            reason = rate.why(volume, account, of=f" from {domain}")
            pause_account(account, reason=reason, by=f"brake: {rate.name}")


@transaction.atomic
def brake_flows() -> None:
    """Pause live flows. They are locked first, for the same reason."""
    live = Flow.objects.filter(status=Flow.Status.LIVE).order_by("pk").select_for_update(no_key=True)
    flows = {flow.pk: flow for flow in live}
    tallies = Tally.objects.of_last_day().filter(_heeded("flow"), flow__in=flows)
    for flow_id, volume in by_flow(tallies):
        flow = flows[flow_id]
        if rate := first_over(volume, flow):
            reason, by = rate.why(volume, flow, of=""), f"brake: {rate.name}"
            pause(flow=flow, reason=reason, by=by)
            log.error("flow_paused", flow=flow.key, reason=reason, by=by)


def _heeded(whose: str) -> Q:
    """Not the hour in which somebody resumed it, since most of that may be from before."""
    return Q(**{f"{whose}__brakes_from": None}) | Q(hour__gte=F(f"{whose}__brakes_from"))
