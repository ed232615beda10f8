"""Group commit: what several threads want done at the same time is done once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Condition
from time import monotonic
from typing import Generic, TypeVar

# Batches begin so far apart. Longer, and a busy time's callers wait so much longer; shorter, and batches are of one.
APART_S = 0.005

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """Work on a batch, offered to callers who bring one item each.

    Whoever comes in a quiet moment works at once, for itself; whoever comes while others work, or right after them,
    waits a little, and the first of them then works for all. So batches grow with the load.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        """`work` answers each item, in order, or raises and has done nothing."""
        self._work = work
        self._turn = Condition()
        self._busy = False
        self._next_at = 0.0
        self._waiting: list[_Wish[Item, Answer]] = []

    def do(self, item: Item) -> Answer:
        """The answer to `item`. Raises what working on it alone raises: nobody suffers for another's item."""
        wish = _Wish[Item, Answer](item)
        with self._turn:
            self._waiting.append(wish)
            self._turn.wait_for(lambda: wish.settled or not self._busy)
            mine = [] if wish.settled else self._gather()
        if mine:
            self._grant(mine)
        if wish.answer is None:
            [wish.answer] = self._work([item])
        return wish.answer

    def _gather(self) -> list[_Wish[Item, Answer]]:
        """Take the turn, and all who have come by the time that a batch may begin."""
        self._busy = True
        while (rest := self._next_at - monotonic()) > 0:
            self._turn.wait(rest)
        self._next_at = monotonic() + APART_S
        wishes, self._waiting = self._waiting, []
        return wishes

    def _grant(self, wishes: Sequence[_Wish[Item, Answer]]) -> None:
        try:
            for wish, answer in zip(wishes, self._work([wish.item for wish in wishes]), strict=True):
                wish.answer = answer
        except Exception:  # Of several, each then tries alone.
            if len(wishes) == 1:
                raise
        finally:
            with self._turn:
                for wish in wishes:
                    wish.settled = True
                self._busy = False
                self._turn.notify_all()


class _Wish(Generic[Item, Answer]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.settled = False  # Somebody has tried it.
        self.answer: Answer | None = None  # None: it has to be tried alone.
