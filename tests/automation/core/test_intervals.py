"""Intervals against the values that were published with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.intervals import Interval, Share, newcombe, wilson

SHARES = st.integers(0, 10_000).flatmap(lambda of: st.builds(Share, st.just(of), st.integers(0, of)))


@pytest.mark.parametrize(
    ("count", "of", "published"),
    [  # Newcombe 1998, p. 861, table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_a_share(count: int, of: int, published: tuple[float, float]):
    assert wilson(Share(of, count)) == pytest.approx(published, abs=0.00005)


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [  # Newcombe 1998, p. 877, table II, method 10.
        (Share(70, 56), Share(80, 48), (0.0524, 0.3339)),
        (Share(10, 9), Share(10, 3), (0.1705, 0.8090)),
        (Share(7, 6), Share(7, 2), (0.0582, 0.8062)),
        (Share(56, 5), Share(29, 0), (-0.0381, 0.1926)),
        (Share(10, 0), Share(20, 0), (-0.1611, 0.2775)),
        (Share(10, 10), Share(20, 0), (0.6791, 1.0000)),
    ],
)
def test_a_difference(one: Share, other: Share, published: tuple[float, float]):
    assert newcombe(one, other) == pytest.approx(published, abs=0.00005)


def test_of_nobody_nothing_is_known():
    assert wilson(Share(0, 0)) == Interval(0.0, 1.0)


@given(SHARES, SHARES)
def test_an_interval_holds_what_was_seen_and_is_possible(one: Share, other: Share):
    alone, between = wilson(one), newcombe(one, other)

    assert 0 <= alone.low <= one.value + 1e-12
    assert one.value - 1e-12 <= alone.high <= 1
    assert -1 - 1e-12 <= between.low <= one.value - other.value <= between.high <= 1 + 1e-12


@given(SHARES, SHARES)
def test_the_difference_the_other_way_round_is_the_mirror(one: Share, other: Share):
    there, back = newcombe(one, other), newcombe(other, one)

    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
