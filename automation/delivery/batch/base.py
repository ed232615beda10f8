"""What is to be known of a provider's batch endpoint."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from automation.core.json import Json
from automation.delivery.outcomes import Outcome, SendResult

# What came of each mail, in the order of the mails. None: refused and surely not taken, for a reason that its own call
# would tell better.
Results = list[SendResult | None]


class BatchApi(NamedTuple):
    source: str  # Where the provider documents it.
    endpoint: str  # Its body is a JSON array of what the endpoint for one mail takes.
    most: int  # Mails a call.
    read: Callable[[Json, int, datetime], Results]  # The body of an answer with 2xx, to so many mails, at this time.
    headers: Mapping[str, str] = MappingProxyType({})  # Of the request.
    key_header: str = ""  # Where the request's idempotency key goes. Empty: there is none.


def unknown(mails: int, detail: str) -> Results:
    return [SendResult(Outcome.UNKNOWN, detail=detail) for _ in range(mails)]
