"""Lift: what was told of an address was wrong, or is no longer so."""

from collections.abc import Sequence

from suppression.address import hash_domain, own_hashes
from suppression.models import Suppression, Topic


def lift(addresses: Sequence[str], *, reason: str, topic: Topic | None) -> int:
    """Delete what stands of these addresses and domains ("@example.com") for one reason. Returns how many.

    One reason at a time, so that who takes back a bounce does not take back an opt-out. `topic` None: what is about no
    single topic. The ledger stays: an address that has withdrawn must agree again itself. Raises InvalidAddress.
    """
    hashes = [
        one for address in addresses for one in ([hash_domain(address)] if address[0] == "@" else own_hashes(address))
    ]
    lifted, _ = Suppression.objects.filter(address_hash__in=hashes, reason=reason, topic=topic).delete()
    return lifted
