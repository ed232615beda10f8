"""Rates: how much is too much, and of how many."""

import pytest

from automation.delivery.models import EspAccount
from automation.delivery.rates import RATES, Volume

NOTHING = Volume(accepted=0, failed=0, unknown=0, hard_bounced=0, blocked=0, complained=0)
LIMITS = EspAccount(max_error_percent=50.0, max_bounce_percent=5.0, max_block_percent=10.0, max_complaint_percent=0.3)


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        ({"accepted": 60, "failed": 30, "unknown": 31}, "errors"),
        ({"accepted": 60, "failed": 30, "unknown": 30}, None),
        ({"failed": 99}, None),
        ({"failed": 100}, "errors"),
        ({"accepted": 100, "hard_bounced": 6}, "hard bounces"),
        ({"accepted": 100, "hard_bounced": 5}, None),
        ({"accepted": 99, "hard_bounced": 99}, None),
        ({"accepted": 100, "blocked": 11}, "blocks"),
        ({"accepted": 100, "blocked": 10}, None),
        ({"accepted": 99, "blocked": 99}, None),
        ({"accepted": 1_000, "complained": 4}, "complaints"),
        ({"accepted": 1_000, "complained": 3}, None),
        ({"accepted": 999, "complained": 10}, None),
        ({}, None),
    ],
)
def test_it_takes_a_percentage_over_the_limit_and_enough_mail_to_tell(counts, name):
    volume = NOTHING._replace(**counts)

    assert [rate.name for rate in RATES if rate.is_over(volume, LIMITS)] == ([name] if name else [])


def test_without_a_limit_nothing_is_too_much():
    volume = Volume(accepted=1_000, failed=9_000, unknown=0, hard_bounced=1_000, blocked=1_000, complained=1_000)
    limits = EspAccount(**dict.fromkeys([rate.limit for rate in RATES]))

    assert not any(rate.is_over(volume, limits) for rate in RATES)
