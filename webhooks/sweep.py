"""Sweep: blot an erased contact's addresses out of stored webhook calls, a stretch of calls at a time."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from automation.core import sql
from automation.core.wake import wake
from webhooks.models import InboxEvent, Sweep

SWEEP = "webhooks.sweep"
# Calls looked at in one transaction. More, and it holds what it has changed for longer.
STRETCH = 5_000
# When to look again for what the digest pump has not read yet: blotted out before, a bounce would suppress nobody.
PAUSE = timedelta(minutes=1)
BLOT = b"erased@erased.invalid"  # RFC 2606: a domain that nobody can have.

# How JSON (nested or not), forms and HTML may spell a character that an address can have.
_SPELLED = {
    "@": r"(?:@|%40|\\+u0040|&#64;)",
    "+": r"(?:\+|%2b|\\+u002b|&#43;)",
    "'": r"(?:'|%27|\\+u0027|&#39;)",
    "&": r"(?:&|%26|\\+u0026|&amp;)",
}

# What cannot name the address is not fetched. Escaped, bytes that are no text do not matter.
_NAMING = f"""
SELECT id, body FROM {InboxEvent._meta.db_table}
WHERE (id > %s AND id <= %s OR part_of_id > %s AND part_of_id <= %s) AND lower(encode(body, 'escape')) LIKE %s
"""  # noqa: S608


def order_sweeps(addresses: Sequence[str]) -> None:
    """Have the calls that are stored by now searched. Joins the caller's transaction; wakes on commit."""
    newest = InboxEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    Sweep.objects.bulk_create(Sweep(address=address, up_to=newest) for address in addresses)
    wake(SWEEP)


@transaction.atomic
def sweep_calls() -> int:
    """One stretch of one sweep. Returns 1, or 0 when none is due. A sweep that is done forgets the address itself."""
    due = Sweep.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    sweep = due.select_for_update(skip_locked=True, no_key=True).first()
    if sweep is None:
        return 0
    left = InboxEvent.objects.filter(pk__gt=sweep.done_up_to, pk__lte=sweep.up_to)
    stretch = list(left.order_by("pk").values_list("pk", "status")[:STRETCH])
    read = [key for key, _ in takewhile(lambda call: call[1] != InboxEvent.Status.NEW, stretch)]
    if read:
        _blot_out(sweep.address, after=sweep.done_up_to, up_to=read[-1])
        sweep.done_up_to = read[-1]
    if len(stretch) < STRETCH and len(read) == len(stretch):
        sweep.delete()
    else:
        sweep.due_at = timezone.now() + (PAUSE if len(read) < len(stretch) else timedelta(0))
        sweep.save()
    return 1


def _blot_out(address: str, *, after: int, up_to: int) -> None:
    address = address.lower()
    like = "%" + re.sub(r"[^a-z0-9.-]+", "%", address) + "%"
    spelled = re.compile(
        "".join(_SPELLED.get(letter) or re.escape(letter) for letter in address).encode(), re.IGNORECASE
    )
    calls = InboxEvent.objects.raw(_NAMING, [after, up_to, after, up_to, like])
    sql.update(InboxEvent, [{"id": call.pk, "body": spelled.sub(BLOT, bytes(call.body))} for call in calls])
