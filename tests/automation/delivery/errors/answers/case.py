"""One answer as a provider gives it, and what it must come to."""

from datetime import timedelta
from typing import Any, NamedTuple

from automation.delivery.outcomes import Outcome


class Case(NamedTuple):
    name: str
    status: int
    body: Any
    outcome: Outcome
    address_refused: bool = False
    pause: timedelta | None = None
    headers: dict[str, str] = {}  # With _ for -.
