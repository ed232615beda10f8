"""Batch calls: one call hands over many messages, each with subject, body and headers of its own.

A provider takes part if it has an endpoint for mails that differ in everything, and answers for each of them at once.
Which do, which do not, and why a lost answer is never asked for again later: docs/decisions/0006-batch-calls.md.
"""

from automation.delivery.batch import postmark, resend
from automation.delivery.batch.base import BatchApi
from automation.delivery.models import EspAccount
from automation.delivery.providers import Provider

BATCH_APIS: dict[str, BatchApi] = {Provider.POSTMARK: postmark.API, Provider.RESEND: resend.API}

# The most that one call carries. A call's own cost is spread thin long before; larger, and one lost answer leaves more
# messages uncertain.
MAX_TOGETHER = 50


def most_together(account: EspAccount) -> int:
    """How many messages one call may carry. 1: each is a call of its own."""
    api = BATCH_APIS.get(account.provider)
    return min(api.most, MAX_TOGETHER) if api and account.batch_calls else 1


def why_not(provider: str) -> str:
    """Why this provider cannot be given many mails by one call; empty if it can. For whoever switches it on."""
    if provider in BATCH_APIS:
        return ""
    able = " and ".join(Provider(name).label for name in BATCH_APIS)
    return f"{Provider(provider).label} takes no batch of mails that differ and are answered one by one: {able} do."
