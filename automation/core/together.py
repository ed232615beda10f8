"""Group commit: what several threads want done at the same time is done once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """Work on a batch, offered to callers who bring one item each.

    Whoever comes while nobody works, works at once, for itself; whoever comes meanwhile waits, and the first of them
    then works for all. So nobody is held up to gather a batch, and under load batches grow by themselves.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        """`work` answers each item, in order, or raises and has done nothing."""
        self._work = work
        self._turn = Condition()
        self._busy = False
        self._waiting: list[_Wish[Item, Answer]] = []

    def do(self, item: Item) -> Answer:
        """The answer to `item`. Raises what working on it alone raises: nobody suffers for another's item."""
        wish = _Wish[Item, Answer](item)
        with self._turn:
            self._waiting.append(wish)
            self._turn.wait_for(lambda: wish.settled or not self._busy)
            if not wish.settled:
                self._busy = True
                wishes, self._waiting = self._waiting, []
        if not wish.settled:
            self._grant(wishes)
        if wish.answer is None:
            [wish.answer] = self._work([item])
        return wish.answer

    def _grant(self, wishes: Sequence[_Wish[Item, Answer]]) -> None:
        try:
            for wish, answer in zip(wishes, self._work([wish.item for wish in wishes]), strict=True):
                wish.answer = answer
        except Exception:
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
