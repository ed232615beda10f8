"""Whose home is where."""

import pytest

from automation.core.residency import is_home


@pytest.mark.parametrize(
    ("region", "homes", "is_one"),
    [
        ("EU", ["EU"], True),
        ("US-CA", ["US"], True),
        ("US", ["US-CA"], False),
        ("USA", ["US"], False),
        ("US", ["EU", "GB"], False),
        ("GB", ["EU", "GB"], True),
        ("", ["EU"], True),  # Not known.
        ("US", [], True),
    ],
)
def test_a_region_has_its_homes(region, homes, is_one):
    assert is_home(region, homes) is is_one
