"""Under which addresses a person is known: today's, and those that mails have gone to."""

from collections.abc import Iterable

from automation.contacts.models import Contact
from suppression.address import InvalidAddress, own_hashes


def addresses_of(contact: Contact) -> list[str]:
    mailed = contact.messages.exclude(to_email="").values_list("to_email", flat=True).distinct()
    return sorted({*mailed, contact.email} - {""})


def hashes_of(addresses: Iterable[str]) -> list[bytes]:
    """By which suppressions and the ledger know them."""
    return [hashed for address in addresses for hashed in _hashes(address)]


def _hashes(address: str) -> list[bytes]:
    try:
        return own_hashes(address)
    except InvalidAddress:
        return []
