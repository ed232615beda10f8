"""Texts that others wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.text import storable


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), ("Ana 🎩", "Ana 🎩"), ("a\0b\0", "ab"), ("a\ud800b", "a?b"), ("line\nline\t", "line\nline\t")],
)
def test_only_what_postgresql_refuses_is_lost(text, kept):
    assert storable(text, limit=100) == kept


@given(st.text(st.characters(), max_size=30), st.integers(0, 30))
def test_whatever_the_text_it_can_be_stored_and_is_no_longer_than_asked(text, limit):
    kept = storable(text, limit=limit)

    assert len(kept) <= limit
    assert "\0" not in kept
    kept.encode()
