"""Forgetting a person: what is told of an address goes, that it must not be mailed stays."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from suppression.address import InvalidAddress, canonical, hash_address, own_hashes
from suppression.models import ConfirmationRequest, Consent, Reason, Suppression
from suppression.suppress import Entry, suppress_many

# The ledger keeps its lines: who counts them must find as many as before.
_LEDGER = f"""
UPDATE {Consent._meta.db_table} SET ip = NULL, user_agent = '', proof = '{{}}' WHERE address_hash = ANY(%s)
"""  # noqa: S608


@transaction.atomic
def forget_addresses(addresses: Iterable[str], *, source: str, at: datetime) -> None:
    """Empty whatever names the person behind these addresses, and suppress marketing mail to them for good.

    A hash remains of each, which nobody can turn back without SUPPRESSION_HASH_KEY: it is what makes a later import
    or event of the address stay suppressed. Transactional mail passes, for those who come back as new customers.
    """
    valid = sorted(address for address in addresses if _is_valid(address))
    hashes = [hashed for address in valid for hashed in own_hashes(address)]
    Suppression.objects.filter(address_hash__in=hashes).update(evidence={}, note="", address="")
    ConfirmationRequest.objects.filter(address_hash__in=hashes).update(details={})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalpost.erasing = 'on'")
        cursor.execute(_LEDGER, [hashes])
        cursor.execute("SET LOCAL signalpost.erasing = 'off'")
    entries = [Entry(address_hash=hash_address(address), reason=Reason.ERASED, source=source) for address in valid]
    suppress_many(entries, at=at)


def _is_valid(address: str) -> bool:
    try:
        canonical(address)
    except InvalidAddress:
        return False
    return True
