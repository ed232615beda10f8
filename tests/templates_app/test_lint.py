import pytest

from templates_app.lint import lint
from tests.templates_app.factories import make_parts

REQUIRED = "{{ unsubscribe_url }} {{ postal_address }}"


def advice(html):
    return [str(fault) for fault in lint(content={"": make_parts(html=html + REQUIRED)})]


def test_a_good_mail_gets_no_advice():
    html = """<a href="https://example.com/{{ "<a href='x'>" }}">x</a><a href="{{ url }}">x</a>
        <a href="mailto:a@example.com">x</a>
        <img src="https://example.com/a.png" alt=""><img src="{{ image }}" alt="{{ '"' }}"><a name="top">x</a>"""

    assert advice(html) == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<a href="javascript:alert(1)">x</a>', "unsafe: mail programs refuse javascript:"),
        ('<a href=" JavaScript:alert(1)">x</a>', "unsafe"),
        ('<img src="data:image/png;base64,AA" alt="">', "refuse data:"),
        ('<a href="www.example.com">x</a>', "no https:// at its beginning"),
        ('<a href="/cart/{{ id }}">x</a>', "“/cart/{{ id }}” has no https://"),
        ('<a href="">x</a>', "leads nowhere"),
        ('<a href="#">x</a>', "leads nowhere"),
        ('<img alt="x">', "leads nowhere"),
        ('<img src="https://example.com/a.png">', "no alt text"),
        ("<script>x</script>", "remove <script>"),
        ("<mj-txt>x</mj-txt>", "not understood as MJML"),
        ("<p>" + "x" * 102 * 1024, "Gmail cuts off"),
    ],
)
def test_what_deserves_a_look_is_said_once(html, words):
    [fault] = advice(html + html if len(html) < 999 else html)

    assert fault.startswith("default, html: ")
    assert words in fault


def test_the_unsubscribe_link_and_the_postal_address_are_missed_in_every_language():
    faults = lint(content={"": make_parts(html=REQUIRED), "pt": make_parts(html="<p>x</p>")})

    assert [fault.where for fault in faults] == ["pt, html", "pt, html"]
    assert "unsubscribe_url" in faults[0].message
    assert "postal_address" in faults[1].message


def test_size_is_counted_in_bytes():
    assert advice("€" * 40_000) == ["default, html: The mail is 117 kB. Gmail cuts off what is beyond 102 kB."]
