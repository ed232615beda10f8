import pytest

from templates_app.compile import CannotCompile, compile_parts
from tests.templates_app.factories import make_draft


def html_of(source, **draft):
    return compile_parts(make_draft(source, **draft), "")["html"]


def mjml(inside):
    return f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"


def test_css_is_inlined():
    html = html_of("<style>p { color: red }</style><p>x</p>")

    assert '<p style="color: red;">x</p>' in html


def test_css_that_cannot_be_inlined_stays():
    html = html_of("<style>a:hover { color: red } @media (max-width: 9px) { a { color: blue } }</style><a>x</a>")

    assert "a:hover" in html
    assert "@media" in html


def test_nothing_is_fetched():
    html = html_of('<link rel="stylesheet" href="http://192.0.2.1/a.css"><p>x</p>')

    assert 'href="http://192.0.2.1/a.css"' in html


def test_a_fragment_becomes_a_document():
    assert html_of("<p>x</p>") == "<!DOCTYPE html><html><head></head><body><p>x</p></body></html>"


def test_the_doctype_is_kept():
    assert html_of("<!DOCTYPE html><html><body>x</body></html>").lower().count("<!doctype") == 1


@pytest.mark.parametrize(
    "inside",
    [
        "<table><tbody>{% for item in items %}<tr><td>{{ item.name }}</td></tr>{% endfor %}</tbody></table>",
        '<a href="{{ url }}">x</a>',
        '<a href="https://example.com/?a={{ name | urlencode }}&amp;b=1">x</a>',
        '<a href="{% if total > 5 and total < 9 %}{{ url }}{% else %}https://example.com{% endif %}">x</a>',
        "<p>{% if total > 5 and name != '<b>' %}a{% endif %}{{ name | replace('<', '&') }}</p>",
        '<p title="{{ name | default("you") }}">x</p>',
        "<ul>{% for item in items %}<li>{{ item }}</li>{% endfor %}</ul>",
        "<select>{% for item in items %}<option>{{ item }}</option>{% endfor %}</select>",
        "<p>{{ name }}{{ url }}{{ total }}px</p>",
        "<p>{% raw %}{{ free }} {% if %}{% endraw %}</p>",
        "<!--[if mso]><table><tr><td>{% if total %}{{ name }}{% endif %}<![endif]-->",
        "{% if total %}<p>{% for item in items %}{{ item }}{% endfor %}</p>{% else %}<p>none</p>{% endif %}",
        '<p style="color: {{ name }};">x</p>',
        "<!--{{ name }}--><p>x</p><!-- {% if total %}y{% endif %} -->",
    ],
)
def test_placeholders_come_through_where_they_were(inside):
    html = html_of(f"<html><head><title>{{{{ name }}}}</title></head><body>{inside}</body></html>", names="x")

    assert f"<body>{inside}</body>" in html
    assert "<title>{{ name }}</title>" in html


def test_placeholders_in_css_are_inlined_with_it():
    html = html_of("<style>p { color: {{ name }}; width: {{ total }}px }</style><p>x</p>")

    assert '<p style="color: {{ name }};width: {{ total }}px;">x</p>' in html


def test_an_unquoted_attribute_is_quoted():
    assert '<a href="{{ url }}">x</a>' in html_of("<a href={{ url }}>x</a>")


def test_loops_over_rows_stay_within_a_table_without_tbody():
    html = html_of("<table>{% for item in items %}<tr><td>{{ item }}</td></tr>{% endfor %}</table>")

    assert "<table><tbody>{% for item in items %}<tr><td>{{ item }}</td></tr>{% endfor %}</tbody></table>" in html


def test_a_condition_around_all_of_a_fragment_stays_in_the_body():
    assert "<body>{% if total %}<p>x</p>{% endif %}</body>" in html_of("{% if total %}<p>x</p>{% endif %}")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<td {% if total %}class='a'{% endif %}>x</td>", "outside of the quotes"),
        ("<style>{% if total %}@media (x) { p { color: red } }{% endif %}</style><p>x</p>", "lost"),
        ("<div>{% if total %}</div>{% endif %}", "same element"),
        ("<table>{{ name }}<tr></tr></table>{% include 'a' %}", "no block"),
    ],
)
def test_where_a_placeholder_cannot_come_through_it_says_so(source, reason):
    with pytest.raises(CannotCompile, match=reason):
        html_of(source)


def test_blocks_are_copied_before_css_is_inlined():
    html = html_of("<style>p { color: red }</style>{% include 'foot' %}", blocks={"foot": "<p>{{ name }}</p>"})

    assert '<p style="color: red;">{{ name }}</p>' in html


def test_the_preheader_is_hidden_at_the_start_of_the_body():
    html = html_of("<p>x</p>", preheader="Tom & {{ name }} {% if total < 5 %}<3{% endif %}")

    assert ">Tom &amp; {{ name }} {% if total < 5 %}&lt;3{% endif %}</div><p>x</p>" in html
    assert html.index("display:none") < html.index("Tom")


def test_without_a_preheader_nothing_is_hidden():
    assert "display:none" not in html_of("<p>x</p>")


def test_mjml_becomes_html():
    html = html_of(mjml("<mj-text>Hello {{ name }}</mj-text>"), mjml=True)

    assert html.startswith("<!DOCTYPE html><html")
    assert "mj-text" not in html
    assert "Hello {{ name }}</div>" in html


def test_placeholders_come_through_mjml():
    source = mjml(
        """{% if total > 5 %}<mj-text color="{{ name }}">{{ name }}{% if total < 9 %}!{% endif %}</mj-text>{% endif %}
        {% for item in items %}<mj-button href="{{ item.url }}">{{ item.name }}</mj-button>{% endfor %}
        <mj-table>{% for item in items %}<tr><td>{{ item.price }}</td></tr>{% endfor %}</mj-table>"""
    )

    html = html_of(source, mjml=True)

    assert "color:{{ name }}" in html.replace("color: ", "color:")
    assert "{{ name }}{% if total < 9 %}!{% endif %}</div>" in html
    assert 'href="{{ item.url }}"' in html
    assert "<tbody>{% for item in items %}<tr>" in html
    assert html.count("{% endfor %}") == 2


@pytest.mark.parametrize(
    "source", ["<p>x</p>", "<mjml>", "{{ name }}", "<mjml><mj-include path='/etc/passwd'/></mjml>"]
)
def test_what_is_not_mjml_is_refused(source):
    with pytest.raises(CannotCompile):
        html_of(source, mjml=True)


def test_a_placeholder_that_mjml_drops_is_named():
    with pytest.raises(CannotCompile, match=r"\{\{ name \}\} is lost"):
        html_of(mjml('<mj-image src="https://example.com/a.png" width="{{ name }}px" />'), mjml=True)


def test_compiling_is_deterministic():
    source = "<style>p { color: red; margin: 0; padding: 1px } b { color: blue }</style><p>x</p><b>{{ name }}</b>"

    assert len({html_of(source) for _ in range(20)}) == 1


def test_a_text_that_was_written_is_kept():
    assert compile_parts(make_draft("<p>x</p>", text=" Hi {{ name }}\n"), "")["text"] == "Hi {{ name }}"
