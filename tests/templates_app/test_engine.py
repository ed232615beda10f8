import re
import time
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minijinja import Environment

from templates_app.engine import MAX_CHARACTERS, Mail, environment
from templates_app.faults import RenderFailed
from templates_app.vocabulary import FILTERS, FUNCTIONS, NO_FILTERS, NO_FUNCTIONS
from tests.templates_app.factories import make_parts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
control = st.sampled_from([*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"])


def render(html="x", *, values=None, **parts):
    return Mail(make_parts(html=html, **{"text": "x", **parts})).render(values or {})


class Elements(HTMLParser):
    """What a browser would find in a mail."""

    def __init__(self, html):
        super().__init__()
        self.seen, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag):
        self.seen.append(tag)

    def handle_comment(self, data):
        self.seen.append(data)

    def handle_data(self, data):
        self.text += data


def test_every_filter_and_function_of_the_engine_is_allowed_or_removed():
    listing = Environment(debug=True).render_str("{{ debug() }}")
    filters = set(re.findall(r'"(\w+)"', listing[listing.index("filters: [") : listing.index("templates: [")]))
    functions = set(re.findall(r'"(\w+)":', listing[listing.index("globals: {") : listing.index("tests: [")]))

    assert filters == (FILTERS - {"fixed"}) | NO_FILTERS
    assert functions == FUNCTIONS | NO_FUNCTIONS


@pytest.mark.parametrize(
    "source", [*(f"{{{{ 'x' | {name} }}}}" for name in NO_FILTERS), "{{ debug() }}", "{{ dict() }}"]
)
def test_what_is_removed_does_not_run(source):
    with pytest.raises(RuntimeError):
        environment().render_str(source)


@given(st.text())
def test_no_value_breaks_out_of_html_text(name):
    html = render("<p>{{ name }}</p><b>{{ name | upper }}{{ name | trim }}</b>", values={"name": name}).html

    found = Elements(html)
    assert found.seen == [("p", []), "p", ("b", []), "b"]
    assert unescape(html[3 : html.index("</p>")]) == unescape(found.text[: len(html)])[: len(name)] or "\r" in name


@given(json_values)
def test_no_value_breaks_out_of_an_attribute(value):
    html = render("<p title=\"{{ value }}\" id='{{ value }}'>{{ value }}</p>", values={"value": [value]}).html

    assert Elements(html).seen == [("p", ["title", "id"]), "p"]


def test_only_html_is_escaped():
    rendering = render(
        "{{ name }}", subject="{{ name }}", preheader="{{ name }}", text="{{ name }}", values={"name": "A & <b>"}
    )

    assert rendering.html == "A &amp; &lt;b&gt;"
    assert rendering.subject == rendering.preheader == rendering.text == "A & <b>"


def test_addresses_stay_readable_for_those_who_count_clicks():
    html = render('<a href="{{ url }}">x</a>', values={"url": "https://example.com/a?b=1&c=2"}).html

    assert html == '<a href="https://example.com/a?b=1&amp;c=2">x</a>'


@given(st.text(), control, st.text())
def test_a_control_character_never_reaches_a_header(before, character, after):
    values = {"name": f"{before}{character}{after}"}

    for part in ("subject", "preheader"):
        with pytest.raises(RenderFailed, match="control character"):
            render(**{part: "Hi {{ name }}"}, values=values)


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}\r\nBcc: x",
        r"{{ 'a\nb' }}",
        "{{ name | trim }}",
        "{% if name %}x{% endif %}",
        "{{ deep.a[0].b }}",
        "{% for key in keys %}{{ key }}{% endfor %}",
    ],
)
def test_however_it_would_get_there(source):
    bad = "a\r\n"
    values = {"name": bad, "deep": {"a": [{"b": bad}]}, "keys": {bad: 1}}

    with pytest.raises(RenderFailed, match="control character"):
        render(subject=f"Hi {source}", values=values)


def test_lines_in_values_that_no_header_uses_are_fine():
    assert render("{{ note }}", values={"note": "a\nb"}).html == "a\nb"


def test_a_failure_does_not_tell_the_value():
    with pytest.raises(RenderFailed) as failure:
        render(subject="{{ name }}", values={"name": "secret\n"})

    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("subject", ["", "{{ name }}", " {% if false %}x{% endif %} "])
def test_a_mail_without_a_subject_fails(subject):
    with pytest.raises(RenderFailed, match="subject is empty"):
        render(subject=subject, values={"name": " "})


@pytest.mark.parametrize(
    "source",
    [
        "{{ absent }}",
        "{{ order.absent }}",
        "{{ order.absent.deeper }}",
        "{% for x in order.absent %}{% endfor %}",
        "{{ order.number | int }}",
        "{{ order.number | fixed }}",
        "{{ order + 1 }}",
        "{{ order.number() }}",
        "{{ order.pop('number') }}",
        "{{ 1 / 0 }}",
        "{{ order | length(1) }}",
        "{{ 'x' | fixed('y') }}",
        "{{ [3, 'a'] | sum }}",
        "{{ 1 | fixed(digits={}) }}",
    ],
)
def test_what_does_not_fit_fails_with_its_part(source):
    with pytest.raises(RenderFailed, match=r"^The html fails"):
        render(source, values={"order": {"number": "x1"}})


def test_what_is_absent_may_be_asked_for():
    source = "{% if order.absent %}x{% endif %}{{ order.absent | default('d') }}{{ order.absent or 'o' }}"

    assert render(source, values={"order": {}}).html == "do"


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x"])
def test_values_that_are_not_json_fail(value):
    with pytest.raises(RenderFailed, match="no JSON value"):
        render(values={"x": value})


def test_half_a_character_is_replaced():
    assert render("{{ x }}", values={"x": "a\ud800"}).html.encode().startswith("a\ufffd".encode())


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}",
        "{% for a in range(10000) %}{% for b in items %}{{ b }}{% endfor %}{% endfor %}",
        "{{ 'a' * 100000000 }}",
        "{{ range(10000) | join('x' * 10000) }}",
        "{{ ([0] * 100000000) | join }}",
        "{{ ([0] * 100000000) | sort | length }}",
        "{{ ([0] * 100000000) | map('upper') | list }}",
        "{{ [1] | batch(10000000, 0) | list | length }}",
        "{{ 'abc' | replace('', 'x' * 10000) | replace('', 'x' * 10000) }}",
        "{% set a = 'x' * 1000 %}" + "{% set a = a ~ a %}" * 30,
        "{{ 'a' | truncate(length=1000000000, end='x' * 10000000) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ range(100000000) | list }}",
    ],
)
def test_a_template_that_eats_time_or_memory_is_stopped_at_once(source):
    mail = Mail(make_parts(html=source, text="x"))
    started = time.thread_time()

    with pytest.raises(RenderFailed):
        mail.render({"items": ["x" * 100] * 100})

    assert time.thread_time() - started < 0.05


def test_a_mail_that_became_too_long_fails():
    with pytest.raises(RenderFailed, match="longer than"):
        render("{{ a }}{{ a }}", values={"a": "x" * (MAX_CHARACTERS // 2 + 1)})


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ 49.9 | fixed }}", "49.90"),
        ("{{ 3 | fixed }}", "3.00"),
        ("{{ '7.125' | fixed }}", "7.13"),
        ("{{ 2.675 | fixed }}", "2.68"),
        ("{{ 0.1 | fixed(0) }}", "0"),
        ("{{ -1.005 | fixed }}", "-1.01"),
        ("{{ 1234567 | fixed(3) }}", "1234567.000"),
        ("{{ 1 | fixed(1000000000) }}", "1.000000000"),
    ],
)
def test_fixed_shows_money_as_money(source, shown):
    assert render(source).html == shown
