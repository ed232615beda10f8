"""When Python looks for cycles of references: not among what a process keeps for good, and not at every turn."""

import gc
from typing import Any, Final

# New objects until the youngest are looked at. Less, and a batch of events, all of it alive, is looked at dozens of
# times; more, and cycles are freed later. Python's own number is 700.
YOUNGEST: Final = 10_000


def spare_what_stays(**_: Any) -> None:
    """Everything that exists now is never looked at again. For a process that has loaded what it needs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
