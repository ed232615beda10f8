import pytest

from templates_app.blocks import CannotInclude, include, included, reachable


def test_a_block_is_copied_where_it_is_included():
    assert include('a{% include "x" %}c', {"x": "b"}) == "abc"


def test_blocks_may_include_blocks():
    assert include("{% include 'x' %}", {"x": "1{% include 'y' %}3", "y": "2"}) == "123"


def test_the_same_block_may_be_included_twice():
    assert include("{% include 'x' %}{% include 'x' %}", {"x": "1"}) == "11"


@pytest.mark.parametrize(
    "blocks", [{"x": "{% include 'x' %}"}, {"x": "{% include 'y' %}", "y": "{% include 'x' %}"}, {}]
)
def test_a_block_that_includes_itself_or_does_not_exist_is_refused(blocks):
    with pytest.raises(CannotInclude, match="x"):
        include("{% include 'x' %}", blocks)


def test_only_a_literal_key_is_an_include():
    source = "{% include 'a' %}{%- include \"b-c\" -%}{% include d %}{% include 'e' ignore missing %}{{ include }}"

    assert included(source) == {"a", "b-c"}


def test_only_blocks_that_are_used_are_reachable_however_deep():
    blocks = {"a": "{% include 'b' %}", "b": "{% include 'a' %}{% include 'gone' %}", "c": ""}

    assert set(reachable(["{% include 'a' %}"], blocks)) == {"a", "b"}
