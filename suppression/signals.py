"""News for the apps above. What is told here is stored already; nobody needs to listen for it to be obeyed."""

import structlog
from django.db import transaction
from django.dispatch import Signal

from suppression.models import Suppression

log = structlog.get_logger(__name__)

# Sent with `suppressions`: the rows just written, at least one. It is sent inside their transaction, so a receiver
# stores (and its rows commit with ours) or wakes on commit; it never calls out.
address_suppressed = Signal()


def announce(suppressions: list[Suppression]) -> None:
    """Tell the receivers. What goes wrong above must not cost an opt-out: it costs the receivers' own writes only."""
    if not suppressions or not address_suppressed.has_listeners(Suppression):
        return
    try:
        with transaction.atomic():
            address_suppressed.send(Suppression, suppressions=suppressions)
    except Exception:  # Any bug of a receiver: the reason stands in the docstring.
        log.exception("address_suppressed_receiver_failed", suppression_ids=[row.pk for row in suppressions])
