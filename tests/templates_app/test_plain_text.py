import pytest

from templates_app.compile import compile_parts
from templates_app.engine import Mail
from tests.templates_app.factories import make_draft


def text_of(html):
    return compile_parts(make_draft(html), "")["text"]


def read(html, **values):
    return Mail(compile_parts(make_draft(html), "")).render(values).text


def test_paragraphs_are_set_apart():
    assert text_of("<h1>A</h1><p>B  b<br>c</p><p>D</p>") == "A\n\nB b\nc\n\nD\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('Go <a href="https://example.com/">here</a>.', "Go here <https://example.com/>.\n"),
        ('<a href="https://example.com/">https://example.com/</a>', "https://example.com/\n"),
        ('<a href="{{ url }}">Buy</a>', "Buy <{{ url }}>\n"),
        ('<a href="{{ url }}">{{ url }}</a>', "{{ url }}\n"),
        ('<a href="mailto:ana@example.com">write</a>', "write <ana@example.com>\n"),
        ('<a href="#top">up</a> <a>x</a>', "up x\n"),
    ],
)
def test_links_are_followed_by_their_address(html, text):
    assert text_of(html) == text


def test_images_are_their_alt_text():
    assert text_of('<p><img src="https://example.com/a.png" alt="Logo"><img src="https://example.com/b.png"></p>') == (
        "[Logo]\n"
    )


def test_what_is_hidden_is_not_read():
    assert text_of('<style>p{}</style><title>t</title><div style="display:none">x</div><p>y</p>') == "y\n"


def test_what_is_commented_out_is_not_read():
    assert text_of("<p>y<!--{{ name }}--><!-- {% if x %}x{% endif %} --></p>") == "y\n"


@pytest.mark.parametrize(("x", "text"), [(True, "yz"), (False, "y")])
def test_a_statement_that_an_editor_made_a_comment_counts(x, text):
    assert read("<p>y<!-- {% if x %} -->z<!--{% endif %}--></p>", x=x) == text


def test_a_row_is_a_line():
    assert text_of("<table><tr><th>A</th><td>B</td></tr><tr><td>C</td></tr></table>") == "A B\nC\n"


def test_nested_tables_that_lay_a_mail_out_are_read_in_their_order():
    inner = "<table><tr><td><p>{}</p></td></tr></table>"

    html = f"<table><tr><td>{inner.format('A')}</td><td>{inner.format('B')}</td></tr></table>"

    assert text_of(html).split() == ["A", "B"]


def test_a_loop_over_rows_prints_a_line_for_each():
    html = (
        "<p>Your order:</p><table>{% for item in items %}\n<tr><td>{{ item.name }}</td>"
        "<td>{{ item.price | fixed }}</td></tr>\n{% endfor %}</table><p>Thanks</p>"
    )

    text = read(html, items=[{"name": "Shoe", "price": 3}, {"name": "Hat", "price": 4.5}])

    assert text == "Your order:\n\nShoe 3.00\nHat 4.50\n\nThanks"


@pytest.mark.parametrize(("big", "text"), [(True, "A\n\nB\n\nC"), (False, "A\n\nC")])
def test_a_condition_that_does_not_hold_leaves_no_gap(big, text):
    assert read("<p>A</p>{% if big %}<p>B</p>{% endif %}<p>C</p>", big=big) == text


@pytest.mark.parametrize(("name", "text"), [("Ana", "Hi Ana!\nBye"), ("", "Hi there!\nBye")])
def test_a_condition_within_a_line_keeps_the_line(name, text):
    assert read("<div>Hi {% if name %}{{ name }}{% else %}there{% endif %}!</div><div>Bye</div>", name=name) == text


@pytest.mark.parametrize(("name", "text"), [("Ana", "Hi Ana\nBye"), ("", "Hi\nBye")])
def test_a_line_may_end_with_a_condition(name, text):
    assert read("<div>Hi{% if name %} {{ name }}{% endif %}</div><div>Bye</div>", name=name) == text


def test_trimming_statements_do_not_join_lines():
    assert read("<div>A</div>{%- if true -%}<div>B</div>{%- endif -%}<div>C {{- 1 -}} D</div>") == "A\nB\nC 1 D"


def test_values_are_not_escaped():
    assert read("<p>{{ name }} &amp; co</p>", name="Tom & <Jerry>") == "Tom & <Jerry> & co"


def test_deep_nesting_loses_nothing():
    assert text_of("<div>" * 300 + "deep" + "</div>" * 300) == "deep\n"
