"""Ready-made plans: what they begin with, where they end, and that they never go down."""

from itertools import pairwise

import pytest

from automation.delivery.warmup.presets import FIRST_DAY, HOURS, Preset, days


def test_the_days_of_sendgrids_table_are_hourly_caps_round_the_clock():
    table = days(Preset.SENDGRID, target=0)

    assert [caps.hourly for caps in table[:5]] == [20, 28, 39, 55, 77]
    assert (len(table), table[20]) == (28, (16_734, 24 * 16_734))


@pytest.mark.parametrize(
    ("preset", "length"), [(Preset.TWO_WEEKS, 14), (Preset.THREE_WEEKS, 21), (Preset.FOUR_WEEKS, 28)]
)
@pytest.mark.parametrize("target", [1, 480, 481, 50_000, 10_000_000])
def test_the_others_grow_to_their_target_by_the_same_factor_each_day(preset, length, target):
    table = days(preset, target=target)

    daily = [caps.daily for caps in table]
    assert (len(table), daily[0], daily[-1]) == (length, min(FIRST_DAY, target), target)
    assert daily == sorted(daily)
    assert max(b / a for a, b in pairwise(daily)) < 2.2


@pytest.mark.parametrize("preset", Preset)
def test_a_days_hours_are_enough_for_its_mail(preset):
    for caps in days(preset, target=12_345):
        assert caps.hourly * (24 if preset is Preset.SENDGRID else HOURS) >= caps.daily > 0
