"""Intervals: how sure one can be of a share, and of the difference of two. Pure; honest for small numbers, too.

Wilson's score interval never leaves 0 … 1 and is no single point for 0 of n, as the textbook's ± is. Newcombe joins two
of them into one for the difference. R. G. Newcombe, Statistics in Medicine 17 (1998), pages 857 (method 3) and 873
(method 10), whose examples are our tests.
"""

from math import sqrt
from typing import NamedTuple

# Of the normal distribution: in 95 of 100 such intervals lies what they are about.
Z95 = 1.959964


class Share(NamedTuple):
    of: int
    part: int

    @property
    def value(self) -> float:
        """0 of nobody is 0."""
        return self.part / self.of if self.of else 0.0


class Interval(NamedTuple):
    low: float
    high: float


def wilson(share: Share) -> Interval:
    """Where the share truly is, 0 … 1. Of nobody: anywhere."""
    if not share.of:
        return Interval(0.0, 1.0)
    n, p, z2 = share.of, share.value, Z95**2
    middle, half = p + z2 / (2 * n), Z95 * sqrt((p * (1 - p) + z2 / (4 * n)) / n)
    low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
    return Interval(max(0.0, low), min(1.0, high))


def newcombe(one: Share, other: Share) -> Interval:
    """Where `one` minus `other` truly is, -1 … 1. The two are of different people."""
    a, b, difference = wilson(one), wilson(other), one.value - other.value
    below = sqrt((one.value - a.low) ** 2 + (b.high - other.value) ** 2)
    above = sqrt((a.high - one.value) ** 2 + (other.value - b.low) ** 2)
    return Interval(difference - below, difference + above)
