"""Chance: stable, even, independent, and the same in Python and in SQL."""

from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from automation.core.chance import choose, draw, draw_sql, prefix

BIGINT = st.integers(-(2**63), 2**63 - 1)
CONTACTS = range(20_000)


def test_a_place_never_changes(settings):
    """These were drawn when it was written. Whoever changes them moves people between arms."""
    settings.CHANCE_KEY = "a key"

    assert draw(1, "welcome", "rollout") == 0.4376142052414309
    assert draw(2**40, "welcome", "split:a") == 0.5428838646327172


def test_another_key_draws_others(settings):
    before = draw(1, "welcome", "rollout")
    settings.CHANCE_KEY = "another key"

    assert draw(1, "welcome", "rollout") != before


@pytest.mark.django_db
@given(st.lists(BIGINT, min_size=1, max_size=20), st.text(max_size=64), st.text(max_size=80))
def test_the_database_draws_the_same(ids: list[int], flow_key: str, purpose: str):
    expression = draw_sql("id")

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression} FROM unnest(%s::bigint[]) AS t (id)", [prefix(flow_key, purpose), ids])
        drawn = [place for (place,) in cursor.fetchall()]

    assert drawn == [draw(key, flow_key, purpose) for key in ids]
    assert all(0 <= place < 1 for place in drawn)


def test_places_are_spread_evenly():
    tenths = [0] * 10
    for contact in CONTACTS:
        tenths[int(draw(contact, "welcome", "rollout") * 10)] += 1

    expected = len(CONTACTS) / 10
    assert sum((count - expected) ** 2 / expected for count in tenths) < 27.9  # χ², 9 degrees of freedom, p = 0.001


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("welcome", "rollout"), ("welcome", "holdout")),
        (("welcome", "rollout"), ("cart", "rollout")),
        (("a", "bc"), ("ab", "c")),
    ],
)
def test_purposes_and_flows_are_independent(one: tuple[str, str], other: tuple[str, str]):
    """Of those in the lower half of one, half are in the lower half of the other."""
    lower = [contact for contact in CONTACTS if draw(contact, *one) < 0.5]

    both = sum(draw(contact, *other) < 0.5 for contact in lower)

    assert 0.48 < both / len(lower) < 0.52


def test_a_larger_share_holds_everybody_of_a_smaller_one():
    shares = [
        {contact for contact in CONTACTS if draw(contact, "f", "rollout") < percent / 100} for percent in (10, 20)
    ]

    assert all(smaller < larger for smaller, larger in pairwise(shares))
    assert 1_800 < len(shares[0]) < 2_200


@given(st.lists(st.integers(0, 1000), min_size=1).filter(any), st.floats(0, 1, exclude_max=True))
def test_a_share_of_no_weight_is_never_chosen_and_there_is_always_one(weights: list[int], place: float):
    chosen = choose(weights, place)

    assert weights[chosen] > 0
    assert sum(weights[:chosen]) <= place * sum(weights) < sum(weights[: chosen + 1])
