"""How fast messages land."""

from collections import deque
from time import monotonic

# Over so long. Shorter, and a hiccup of the ESP looks like a slow one; longer, and a slow one is noticed late.
RECENT_S = 1.0


class Rate:
    """Messages a second, by those of the last second, or since the beginning if that is later."""

    def __init__(self) -> None:
        self._since = monotonic()
        self._landed: deque[tuple[float, int]] = deque()  # When, and how many.
        self._recent = 0

    def add(self, messages: int) -> None:
        self._landed.append((monotonic(), messages))
        self._recent += messages

    def per_s(self) -> float:
        now = monotonic()
        while self._landed and now - self._landed[0][0] > RECENT_S:
            self._recent -= self._landed.popleft()[1]
        return self._recent / max(min(now - self._since, RECENT_S), 1e-3)
