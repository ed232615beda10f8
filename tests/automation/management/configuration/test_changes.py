import pytest

from automation.management.configuration.changes import differences, same


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (50, 50.0, True),
        (1, True, False),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
        (None, "", False),
    ],
)
def test_values_are_the_same_if_they_are_the_same_json(one, other, are):
    assert same(one, other) is are


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"name": "Old"}, {"name": "New"}, ["name: Old → New"]),
        ({"name": ""}, {"name": "New"}, ["name: nothing → New"]),
        ({"rule": {"value": 50, "op": "gte"}}, {"rule": {"value": 60, "op": "gte"}}, ["rule.value: 50 → 60"]),
        ({"rule": {"value": 50}}, {"rule": {}}, ['rule: {"value": 50} → {}']),
        ({"schema": {"a": 1, "b": 2}}, {"schema": {"a": 1}}, ["schema.b: 2 → nothing"]),
        ({"html": "<p>\na\n</p>"}, {"html": "<p>\nb\nc\n</p>"}, ["html: +2 -1 lines"]),
        ({"name": "Same"}, {"name": "Same"}, []),
    ],
)
def test_a_difference_is_told_where_it_is(before, after, told):
    assert differences(before, after) == told


def test_a_long_value_is_cut():
    [told] = differences({"note": ""}, {"note": "x" * 500})

    assert len(told) < 100
