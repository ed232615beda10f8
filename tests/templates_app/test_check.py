import pytest

from templates_app.check import MAX_SOURCE, check
from templates_app.vocabulary import FILTERS, TESTS
from tests.templates_app.factories import make_declared, make_draft, make_parts


def faults(html="<p>x</p>", **draft):
    return [str(fault) for fault in check(make_draft(html, **draft))]


def test_a_good_draft_has_no_faults():
    html = """{# note #}<p title="{% if total > 5 and total < 9 %}a{% endif %}">{{ name | default("you") | title }}</p>
        {% for item in items if item.price is defined %}{{ item.price | fixed }}{% else %}{{ total }}{% endfor %}
        {% set sum = total * 2 %}{{ sum }} {% with x = 1 %}{{ x }}{% endwith %} {% raw %}{{ free }}{% endraw %}
        {% for n in range(3) %}{{ n }}{% endfor %} {{ unsubscribe_url }} {{ postal_address }} {{ message_id }}"""

    assert faults(html, names="total name items") == []


def test_a_syntax_error_has_its_line():
    assert faults("<p>\n{{ a b }}</p>", names="a b") == [
        "default, html, line 2: This cannot be read: unexpected identifier, expected end of variable block."
    ]


@pytest.mark.parametrize("html", ["{% if a %}", "{% endif %}", "{{ a", "{% for a %}{% endfor %}", "{{ a | }}", "{% %}"])
def test_what_the_engine_cannot_read_is_a_fault(html):
    [fault] = faults(html, names="a")

    assert fault.startswith("default, html, line 1: ")


def test_an_undeclared_variable_has_the_line_of_its_first_use():
    assert faults("<p>names {{ name }}\n{{ nam }}\n{{ nam }}</p>", names="name") == [
        "default, html, line 2: “nam” is not declared as a variable."
    ]


def test_a_variable_that_is_used_only_on_condition_must_be_declared_too():
    assert faults("{% if a %}{{ b }}{% endif %}", names="a") == [
        "default, html, line 1: “b” is not declared as a variable."
    ]


@pytest.mark.parametrize("part", ["subject", "preheader", "text"])
def test_every_part_is_checked(part):
    assert faults(**{part: "{{ a }}"}) == [f"default, {part}, line 1: “a” is not declared as a variable."]


def test_every_language_is_checked():
    languages = {"": make_parts(), "pt-BR": make_parts(subject="{{ a }}")}

    assert faults(languages=languages) == ["pt-BR, subject, line 1: “a” is not declared as a variable."]


@pytest.mark.parametrize("name", ["nope", "safe", "tojson", "attr", "format", "indent", "pprint", "items"])
def test_a_filter_that_is_not_there_is_a_fault_even_where_it_would_not_run(name):
    html = f"{{% if false %}}{{{{ '|upper' | {name} }}}}{{% endif %}}"

    assert faults(html) == [f"default, html, line 1: There is no filter “{name}”."]


def test_a_test_that_is_not_there_is_a_fault():
    assert faults("{% if a is not blue %}{% endif %}", names="a") == ["default, html, line 1: There is no test “blue”."]


@pytest.mark.parametrize("name", sorted(TESTS))
def test_words_in_texts_are_not_taken_for_filters_or_tests(name):
    assert faults('{{ "this | that is nope" }}') == []


@pytest.mark.parametrize("word", ["macro", "import", "extends", "block", "autoescape", "call", "filter", "from", "do"])
def test_statements_that_a_mail_does_not_need_are_not_available(word):
    assert f"default, html, line 1: “{word}” is not available in templates." in faults(f"{{% {word} false %}}")


@pytest.mark.parametrize(
    "function", ["debug()", "namespace()", "dict()", "cycler()", "joiner()", "super()", "lipsum()"]
)
def test_functions_that_a_mail_does_not_need_are_not_available(function):
    assert len(faults(f"{{{{ {function} }}}}")) == 1


def test_a_block_is_checked_on_its_own():
    assert faults('{% include "foot" %}', blocks={"foot": "\n{{ nam }}"}) == [
        "block foot, line 2: “nam” is not declared as a variable."
    ]


def test_a_block_that_does_not_exist_is_a_fault():
    assert faults('\n{% include "foot" %}') == ["default, html, line 2: There is no block “foot” to include here."]


def test_a_block_is_html_and_not_for_the_other_parts():
    assert faults(subject='{% include "foot" %}', blocks={"foot": "x"}) == [
        "default, subject, line 1: There is no block “foot” to include here."
    ]


def test_the_default_language_must_be_there():
    assert faults(languages={"en": make_parts()}) == ["One variant must have no language: the default."]


@pytest.mark.parametrize("part", ["subject", "html"])
def test_a_subject_and_a_mail_must_be_there(part):
    [fault] = faults(**{part: " \t".replace("\t", "") if part == "subject" else ""})

    assert fault.startswith(f"default, {part}: Write ")


@pytest.mark.parametrize("part", ["subject", "preheader"])
@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\x7f", "\x85", "\u2028"])
def test_control_characters_in_headers_are_faults(part, character):
    assert faults(**{part: f"a{character}b"}) == [
        f"default, {part}: There is a line break or another control character in it."
    ]


@pytest.mark.parametrize("name", ["unsubscribe_url", "message_id", "range", "loop", "if", "none", "true"])
def test_a_variable_may_not_take_the_name_of_something_else(name):
    draft = make_draft()
    draft.variables.append(make_declared(name))

    assert [str(fault) for fault in check(draft)] == [
        f"variable {name}: This name has a meaning of its own. Choose another."
    ]


def test_a_source_that_is_far_too_long_is_not_even_read():
    assert faults("x" * (MAX_SOURCE + 1)) == ["default, html: This is longer than 1,000,000 characters."]


def test_all_faults_are_told_at_once():
    assert len(faults("{{ a }}{{ b | nope }}", subject="")) == 2


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_that_is_offered_is_accepted(name):
    assert faults(f"{{{{ a | {name} }}}}", names="a") == []
