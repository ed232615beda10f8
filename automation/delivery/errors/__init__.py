"""What an ESP's answer means: the one table that tells outcomes apart, general and by provider. Pure.

`docs/errors.md` shows it to operators; `python -m automation.delivery.errors` writes it.
"""

from automation.delivery.errors.classify import classify, classify_item, classify_response, classify_status
from automation.delivery.errors.pauses import MAX_PAUSE
from automation.delivery.errors.silence import NeverConnected
from automation.delivery.errors.words import MAX_DETAIL

__all__ = [
    "MAX_DETAIL",
    "MAX_PAUSE",
    "NeverConnected",
    "classify",
    "classify_item",
    "classify_response",
    "classify_status",
]
