"""Operators read the table as it is."""

from pathlib import Path

from automation.delivery.errors.__main__ import tables

DOCUMENT = Path(__file__).parents[4] / "docs" / "errors.md"


def test_the_document_shows_the_table():
    assert DOCUMENT.read_text().endswith(f"is written by `python -m automation.delivery.errors`.\n\n{tables()}\n")
