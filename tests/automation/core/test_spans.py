from datetime import timedelta

import pytest

from automation.core.spans import span


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(days=3), "3 days"),
        (timedelta(days=1, hours=2, minutes=3), "1 day 2 hours"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (timedelta(seconds=20), "20 seconds"),
        (timedelta(), "0 seconds"),
        (timedelta(days=4000), "4,000 days"),
        (timedelta(milliseconds=400), "0 seconds"),
        (-timedelta(minutes=5), "5 minutes"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration, said):
    assert span(duration) == said
