import pytest

from templates_app.placeholders import Shield
from templates_app.structure import BadlyNested, check_nesting, spell_out


def check(html):
    shield = Shield(html)
    check_nesting(spell_out(shield.html), shield)


@pytest.mark.parametrize(
    "html",
    [
        "<p>{% if a %}<b>x</b>{% elif b %}y{% else %}<i>z</i>{% endif %}</p>",
        "<table>{% for a in b %}<tr>{% if c %}<td>1</td>{% endif %}</tr>{% else %}<tr></tr>{% endfor %}</table>",
        "{% if a %}<p>1</p>{% endif %}",
        "{% set a = '=' %}<p>{% set b %}<b>x</b>{% endset %}{% with c = 1 %}{{ c }}{% endwith %}</p>",
        "<p>{% endif %}</p>",  # The engine's to complain about.
    ],
)
def test_statements_around_whole_elements_are_fine(html):
    check(html)


@pytest.mark.parametrize(
    "html",
    [
        "{% if a %}<div>{% endif %}<p>x</p>{% if a %}</div>{% endif %}",
        "<p>{% for a in b %}</p><p>{% endfor %}</p>",
        "<p>{% if a %}<b>{% else %}</b>{% endif %}</p>",
        "<table><tbody>{% if a %}</tbody>{% endif %}</table>",
    ],
)
def test_a_statement_that_ends_in_another_element_is_refused(html):
    with pytest.raises(BadlyNested, match="same element"):
        check(f"<body>{html}</body>")


def test_a_body_is_begun_after_what_belongs_to_the_head():
    html = "<!doctype html>\n<style>p > a {}</style><meta charset=utf-8><p>x"

    assert spell_out(html) == "<!doctype html>\n<style>p > a {}</style><meta charset=utf-8><body><p>x"


@pytest.mark.parametrize("html", ["<html><p>x", "<BODY>x", "<head></head>x"])
def test_a_document_is_left_as_it_is(html):
    assert spell_out(html) == html


def test_rows_get_the_body_that_their_table_lets_out():
    html = "<body><table class='a'> <!--x--><tr></tr></table><table><thead></thead></table><!--<table><tr>-->"

    assert (
        spell_out(html)
        == "<body><table class='a'><tbody> <!--x--><tr></tr></table><table><thead></thead></table><!--<table><tr>-->"
    )
