"""Forgetting a person: what is told of an address goes, that it must not be mailed stays."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from suppression.models import ConfirmationRequest, Consent, Reason, Suppression
from suppression.suppress import Entry, suppress_many

# The ledger keeps its lines: who counts them must find as many as before.
_LEDGER = f"""
UPDATE {Consent._meta.db_table} SET ip = NULL, user_agent = '', proof = '{{}}' WHERE address_hash = ANY(%s)
"""  # noqa: S608


@transaction.atomic
def forget_addresses(hashes: Sequence[bytes], *, source: str, at: datetime) -> None:
    """Empty whatever names the person behind these addresses, and suppress marketing mail to them for good.

    A hash remains of each, which nobody can turn back without SUPPRESSION_HASH_KEY: it is what makes a later import
    or event of the address stay suppressed. Transactional mail passes, for those who come back as new customers.
    """
    Suppression.objects.filter(address_hash__in=hashes).update(evidence={}, note="", address="")
    ConfirmationRequest.objects.filter(address_hash__in=hashes).update(details={})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalpost.erasing = 'on'")
        cursor.execute(_LEDGER, [list(hashes)])
        cursor.execute("SET LOCAL signalpost.erasing = 'off'")
    suppress_many([Entry(address_hash=one, reason=Reason.ERASED, source=source) for one in hashes], at=at)
