from datetime import timedelta

import pytest

from automation.management.configuration.durations import parse_duration


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3d", timedelta(days=3)),
        ("90s", timedelta(seconds=90)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("1h30m", timedelta(minutes=90)),
        ("2 weeks", timedelta(days=14)),
        ({"days": 1, "minutes": 5}, timedelta(days=1, minutes=5)),
    ],
)
def test_a_duration_is_an_amount_with_a_unit(written, meant):
    assert parse_duration(written) == meant


@pytest.mark.parametrize("written", [3, 1.5, "3", "d", "", "3 fortnights", "-3d", "3d later", {}, {"days": "3"}])
def test_whatever_leaves_the_unit_open_is_refused(written):
    with pytest.raises(ValueError, match="Expected a duration"):
        parse_duration(written)


@pytest.mark.parametrize("written", ["999999999w", "99999 days", {"hours": 10**30}])
def test_a_wait_of_centuries_is_refused(written):
    with pytest.raises(ValueError, match="longer than ten years"):
        parse_duration(written)
