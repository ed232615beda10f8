"""Group commit: callers who come at the same time are served together."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from automation.core.together import Together


class Work:
    """Doubles numbers, refuses 13, and can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = Event()
        self.go_on.set()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        assert self.go_on.wait(10)
        if 13 in items:
            raise ValueError("thirteen")
        return [2 * item for item in items]


def all_at_once(work: Work, items: Sequence[int]):
    """The outcomes of `items`, of which the first is being worked on when the others come."""
    together = Together(work)
    work.go_on.clear()
    with ThreadPoolExecutor(len(items)) as pool:
        first = pool.submit(together.do, items[0])
        while not work.batches:
            sleep(0.001)
        others = [pool.submit(together.do, item) for item in items[1:]]
        while len(together._waiting) < len(others):
            sleep(0.001)
        work.go_on.set()
        return [first, *others]


def test_who_comes_alone_is_served_at_once():
    work = Work()

    assert Together(work).do(4) == 8
    assert work.batches == [[4]]


def test_who_comes_while_others_are_served_is_served_with_all_who_wait():
    work = Work()

    outcomes = all_at_once(work, [1, 2, 3, 4])

    assert [one.result() for one in outcomes] == [2, 4, 6, 8]
    assert [len(batch) for batch in work.batches] == [1, 3]


def test_a_bad_item_costs_no_other_its_answer():
    work = Work()

    outcomes = all_at_once(work, [1, 2, 13, 4])

    assert [outcomes[n].result() for n in (0, 1, 3)] == [2, 4, 8]
    with pytest.raises(ValueError, match="thirteen"):
        outcomes[2].result()


def test_work_that_fails_alone_is_tried_once_and_the_next_caller_is_served():
    work = Work()
    together = Together(work)

    with pytest.raises(ValueError, match="thirteen"):
        together.do(13)

    assert together.do(5) == 10
    assert work.batches == [[13], [5]]


def test_many_threads_all_get_their_own_answers():
    together = Together(Work())

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(together.do, range(100, 5_000))) == [2 * n for n in range(100, 5_000)]
