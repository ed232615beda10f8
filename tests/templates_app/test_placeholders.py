import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.placeholders import Shield, find, is_statement, keyword, map_literals


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Hi {{ name }}!", ["{{ name }}"]),
        ("{% if a < b and c > d %}x{% endif %}", ["{% if a < b and c > d %}", "{% endif %}"]),
        ("{{ '}}' }} {{ \"%}\" }}", ["{{ '}}' }}", '{{ "%}" }}']),
        ("{# {{ not }} #}{{ x }}", ["{# {{ not }} #}", "{{ x }}"]),
        ("{% raw %}{{ x }}{% endraw %}", ["{% raw %}{{ x }}{% endraw %}"]),
        ("{{ open", []),
        ("{% for a\nin b %}", ["{% for a\nin b %}"]),
        ("a { b } % c", []),
    ],
)
def test_placeholders_are_found_whole(source, found):
    assert [match[0] for match in find(source)] == found


def test_a_hostile_draft_cannot_make_the_search_backtrack():
    started = time.process_time()

    list(find("{{" + "\"'" * 50_000))

    assert time.process_time() - started < 1


def test_only_what_prints_nothing_is_a_statement():
    assert is_statement("{% if x %}")
    assert not any(map(is_statement, ["{{ x }}", "{# x #}", "{% raw %}x{% endraw %}"]))


def test_the_keyword_of_a_statement_is_its_first_word():
    assert keyword("{%- if x -%}") == "if"
    assert keyword("{{ if }}") == ""


def test_literals_change_and_placeholders_do_not():
    assert map_literals(str.upper, "a{{ b }}c{% d %}e") == "A{{ b }}C{% d %}E"


def test_a_shielded_source_is_restored():
    source = '<p title="{{ a }}">{% if b < 1 %}{{ c }}{% endif %}</p><style>p { color: {{ d }} }</style>'

    shield = Shield(source)

    assert "{" not in shield.html.replace("{ color", "").replace(" }", "")
    assert shield.restore(shield.html) == source


@given(
    st.lists(
        st.sampled_from(["{{ a }}", "{% if a < 1 %}", "{% endif %}", "<p>", "</p>", '<a href="', '">', "<!-- x", "-->"])
    )
    | st.lists(st.text())
)
def test_any_source_is_restored(pieces):
    source = "".join(pieces)

    shield = Shield(source)

    assert shield.restore(shield.html) == source or "{#" in source  # Comments are dropped.


def test_a_statement_between_tags_hides_in_a_comment():
    shield = Shield("<table>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</table>")

    assert re.fullmatch(
        r"<table><!--\w+--><tr><td>\w+</td></tr><!--\w+--></table>",
        shield.html,
    )


@pytest.mark.parametrize(
    "source",
    [
        '<a href="{% if a > b %}x{% endif %}">',
        "<title>{% if a %}x{% endif %}</title>",
        "<style>{% if a %}p{}{% endif %}</style>",
        "<!--[if mso]><p>{% if a %}x{% endif %}</p><![endif]-->",
        "<mj-preview>{% if a %}x{% endif %}</mj-preview>",
    ],
)
def test_a_statement_where_a_comment_would_be_text_is_a_word(source):
    assert Shield(source).html.count("<!--") == source.count("<!--")


def test_template_comments_are_dropped():
    assert Shield("a{# secret #}b").html == "ab"


def test_what_did_not_come_through_is_named():
    shield = Shield("{{ a }} {% if b %}{% endif %}")

    assert shield.lost(shield.html.split()[0]) == ["{% if b %}", "{% endif %}"]


def test_a_source_that_contains_the_mark_itself_is_safe():
    source = "zq0z zqq0z {{ a }}"

    shield = Shield(source)

    assert shield.restore(shield.html) == source


@pytest.mark.parametrize(
    ("source", "between"),
    [
        ("<td {% if a %}class='b'{% endif %}>", ["{% if a %}"]),
        ("<td {{ a }}>", ["{{ a }}"]),
        ("<{{ a }} class='b'>", ["{{ a }}"]),
        ("<td class={{ a }} title='{{ b }}' alt = \"{{ c }}\">", []),
    ],
)
def test_placeholders_between_attributes_are_noticed(source, between):
    assert Shield(source).between_attributes == between
