"""How the sandbox is told to misbehave: one mode for everyone, and one for each account that is to be different."""

import random
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from webhooks.sandbox.http import Answer, Ending

Fail = Literal[
    "401", "429", "500", "502", "503", "504",  # Answered so; nothing was accepted.
    "cut_before_accept",  # Closed without an answer; nothing was accepted.
    "500_after_accept",  # Accepted, and answered by 500.
    "html200",  # Accepted, and answered by 200 with a page of HTML.
    "timeout_after_accept",  # Accepted, and never answered.
    "cut_after_accept",  # Accepted, and closed in mid-answer.
    "reset",  # Accepted, and reset in mid-answer.
    "refuse_connections",  # Nobody can connect, this mode's author neither: hence only for so many `seconds`.
]  # fmt: skip
ACCEPTING = (None, "500_after_accept", "html200", "timeout_after_accept", "cut_after_accept", "reset")
ENDINGS = {
    "timeout_after_accept": Ending.SILENT,
    "cut_after_accept": Ending.CUT,
    "reset": Ending.RESET,
    "cut_before_accept": Ending.HANG_UP,
    "refuse_connections": Ending.HANG_UP,
}
HTML_PAGE = b"<!doctype html><title>Welcome</title><p>This is not the API you are looking for."
HTTP_DATE_AHEAD = 3  # Seconds from now that Retry-After names when it is a date.

NotNegative = Annotated[float, Meta(ge=0)]


class WebhookMode(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, repr_omit_defaults=True):
    duplicate: bool = False  # Each webhook twice.
    reorder: bool = False  # Those of one mail in reverse.
    delay_ms: NotNegative = 0
    drop: bool = False


class Mode(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, repr_omit_defaults=True):
    """The body of POST /mode. A send request meets either all of a mode or nothing of it (see `probability`)."""

    account: str | None = None  # None: everyone that has no mode of its own.
    fail: Fail | None = None
    retry_after: Annotated[int, Meta(ge=0)] | Literal["http-date"] | None = None  # For 429 and 503.
    latency_ms: NotNegative = 0  # Before the answer. What is accepted is accepted at once.
    partial_batch: Annotated[int, Meta(ge=0)] | None = None  # All is accepted, only so much of it is answered.
    idle_close_ms: NotNegative | None = None  # A connection that was idle for so long is closed.
    webhooks: WebhookMode = WebhookMode()
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    count: Annotated[int, Meta(ge=1)] | None = None  # Over once so many requests have met it.
    seconds: Annotated[float, Meta(gt=0, le=3600)] | None = None  # Over after so long.

    def __post_init__(self) -> None:
        if self.fail == "refuse_connections" and (self.account is not None or self.seconds is None):
            raise ValueError("`refuse_connections` is for everyone (no `account`) and for so many `seconds`")

    @property
    def accepts(self) -> bool:
        return self.fail in ACCEPTING

    @property
    def status(self) -> int | None:
        """The HTTP status to fail with, if it is one."""
        return int(self.fail) if self.fail and self.fail.isdigit() else None

    def spoil(self, answer: Answer) -> Answer:
        """Change an answer, in place, to what this mode wants of it."""
        answer.delay = self.latency_ms / 1000
        answer.idle_close = None if self.idle_close_ms is None else self.idle_close_ms / 1000
        answer.ending = ENDINGS.get(self.fail or "", Ending.WHOLE)
        if self.fail == "html200":
            answer.body, answer.content_type = HTML_PAGE, "text/html"
        if self.fail in ("429", "503") and self.retry_after is not None:
            by_date = self.retry_after == "http-date"
            value = formatdate(time.time() + HTTP_DATE_AHEAD, usegmt=True) if by_date else str(self.retry_after)
            answer.headers += (("Retry-After", value),)
        return answer


NORMAL = Mode()


class _Active(Struct, gc=False):
    mode: Mode
    left: int | None
    until: float | None


class Modes:
    """The modes in force. `clock` gives seconds; of no matter which epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._active: dict[str | None, _Active] = {}

    def set(self, mode: Mode) -> None:
        """Replace the mode of this account, or everyone's. One with nothing but an account ends it."""
        until = None if mode.seconds is None else self._clock() + mode.seconds
        self._active[mode.account] = _Active(mode, mode.count, until)
        if mode == Mode(account=mode.account):
            del self._active[mode.account]

    def meet(self, account: str) -> Mode:
        """The mode that this account's next send request meets; counts it as met."""
        if not self._active:
            return NORMAL
        self._end_overdue()
        active = self._active.get(account) or self._active.get(None)
        if active is None or random.random() >= active.mode.probability:  # noqa: S311 - it guards no secret
            return NORMAL
        if active.left is not None:
            active.left -= 1
            if not active.left:
                del self._active[active.mode.account]
        return active.mode

    def shown(self) -> list[Mode]:
        """The modes in force, each with what is left of its count and its seconds."""
        self._end_overdue()
        now = self._clock()
        return [
            msgspec.structs.replace(
                active.mode, count=active.left, seconds=None if active.until is None else round(active.until - now, 3)
            )
            for active in self._active.values()
        ]

    def clear(self) -> None:
        self._active.clear()

    def _end_overdue(self) -> None:
        now = self._clock()
        for account, active in list(self._active.items()):
            if active.until is not None and now >= active.until:
                del self._active[account]
