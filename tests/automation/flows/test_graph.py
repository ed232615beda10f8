"""The shape of a flow."""

import pytest

from automation.flows.graph import Graph


def graph(**leads_to):
    """Each step with the steps that it leads to; the first one starts, "." is the end. Names in capitals wait."""
    ways = {key: [None if way == "." else way for way in following.split()] for key, following in leads_to.items()}
    return Graph(next(iter(leads_to)), {key: {} for key in leads_to}, ways)


@pytest.mark.parametrize(
    ("shape", "reachable"),
    [
        (graph(a="."), "a"),
        (graph(a="b", b="."), "ab"),
        (graph(a=".", b="."), "a"),
        (graph(a=".", b="a"), "a"),
        (graph(a="b c", b=".", c="d", d=".", e="."), "abcd"),
        (graph(a="b", b="a"), "ab"),
    ],
)
def test_reachable_is_where_some_way_leads_from_the_start(shape, reachable):
    assert shape.reachable() == set(reachable)


@pytest.mark.parametrize(
    ("shape", "ending"),
    [
        (graph(a="."), "a"),
        (graph(a="a"), ""),
        (graph(a="b c", b="b", c="."), "ac"),
        (graph(a="b", b="c", c="b"), ""),
        (graph(a="b", b="a ."), "ab"),
    ],
)
def test_what_reaches_an_end_has_some_way_to_it(shape, ending):
    assert shape.reaches_end() == set(ending)


@pytest.mark.parametrize(
    ("shape", "loops"),
    [
        (graph(a="b", b="."), ""),
        (graph(a="a ."), "a"),
        (graph(a="b", b="c", c="a ."), "abc"),
        (graph(a="W", W="a ."), ""),
        (graph(W="W ."), ""),
        (graph(a="b W", b="a .", W="a"), "ab"),
        (graph(a="b c", b="d", c="d", d="."), ""),
        (graph(a="b", b="b .", c="."), "b"),
    ],
)
def test_a_restless_loop_comes_back_without_a_wait(shape, loops):
    assert shape.restless_loops(str.isupper) == set(loops)
