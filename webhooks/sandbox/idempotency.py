"""Idempotency keys as Resend keeps them: for 24 hours, by account and endpoint, only of requests that were taken."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct

LIFE = 24 * 3600.0
# Bounds the memory of a long benchmark at about 120 MB. A repeat after so many others would be sent again.
MAX_KEPT = 300_000

Scope = tuple[str, str, str]  # Account, endpoint, key.


class Taken(Struct, gc=False):
    """A request that was taken, and the ids its mails got. `at` and `answered_at` are the clock's."""

    digest: bytes
    esp_ids: list[str]
    at: float
    answered_at: float


class Idempotency:
    """What was taken under which key. A scope of None, a request without a key, is never known."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: OrderedDict[Scope, Taken] = OrderedDict()

    def recall(self, scope: Scope | None) -> Taken | None:
        taken = self._taken.get(scope) if scope else None
        return taken if taken and self._clock() - taken.at < LIFE else None

    def remember(self, scope: Scope | None, *, body: bytes, esp_ids: list[str], answered_in: float) -> None:
        if scope is None:
            return
        now = self._clock()
        self._taken[scope] = Taken(digest(body), esp_ids, now, now + answered_in)
        self._taken.move_to_end(scope)
        if len(self._taken) > MAX_KEPT:
            self._taken.popitem(last=False)

    def in_progress(self, taken: Taken) -> bool:
        return self._clock() < taken.answered_at

    def clear(self) -> None:
        self._taken.clear()


def digest(body: bytes) -> bytes:
    return sha256(body).digest()
