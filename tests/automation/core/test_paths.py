"""Dotted paths into facts."""

import pytest

from automation.core.paths import MISSING, look_up

TREE = {"a": {"b": {"c": 1}, "null": None, "list": [{"b": 1}], "text": "abc", "": 7}, "0": "zero"}


@pytest.mark.parametrize(
    ("path", "value"),
    [("a.b.c", 1), ("a.b", {"c": 1}), ("a.null", None), ("a.list", [{"b": 1}]), ("a.", 7), ("0", "zero")],
)
def test_a_path_leads_down_through_objects(path, value):
    assert look_up(TREE, path) == value


@pytest.mark.parametrize(
    "path", ["", "x", "a.x", "a.b.c.d", "a.null.x", "a.list.0", "a.list.b", "a.text.0", ".a", "a..b"]
)
def test_where_it_leads_nowhere_the_value_is_missing_which_is_not_null(path):
    assert look_up(TREE, path) is MISSING


@pytest.mark.parametrize("tree", [None, 5, "a", ["a"]])
def test_what_is_no_object_has_nothing_below(tree):
    assert look_up(tree, "a") is MISSING
